// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/config"
	"github.com/journeyman-dev/journeyman/test/rig"
)

// ours is the real thing: the store as a process over its files, and the metric job as another one, over TLS on loopback.
type ours struct {
	bench *bench
	world world
	dir   string
	rig   *rig.Rig
	bytes int64
	// whole runs the map's own job, with all that its status shows, instead of a report of the funnel alone. Further tables of the report.
	whole  bool
	tables []v1alpha1.Table
}

func (o *ours) name() string {
	if o.whole {
		return "journeyman, all of a map's status"
	}
	return "journeyman"
}

// start starts a store over the filled folder: a new process, whose memory is that of the runs alone.
func (o *ours) start(ctx context.Context) (err error) {
	if o.rig == nil {
		o.rig, err = rig.New(ctx, rig.Options{
			Bin: o.bench.bin, Dir: o.dir, Samples: o.bench.samples, StoreArgs: append([]string{"--compact-every", "-1s"}, o.bench.storeArgs...),
		})
		return err
	}
	return o.rig.StartStore(ctx)
}

func (o *ours) stop() error {
	if o.rig == nil {
		return nil
	}
	return o.rig.Store.Stop()
}

func (o *ours) files() string { return filepath.Join(o.dir, "data") }

// run is one run of the job.
func (o *ours) run(ctx context.Context) (sample, error) {
	before, err := o.rig.Store.CPU()
	if err != nil {
		return sample{}, err
	}
	a, err := o.rig.AnalyseDocument(ctx, o.document(), time.Unix(begin, 0).Add(60*day*time.Second))
	if err != nil {
		return sample{}, err
	}
	after, err := o.rig.Store.CPU()
	if err != nil {
		return sample{}, err
	}
	peak, err := o.rig.Store.PeakMemory()
	if err != nil {
		return sample{}, err
	}
	out := sample{wall: a.Took, cpu: after - before + a.CPU, memory: peak + a.PeakMemory}
	out.note = fmt.Sprintf("store %.2f + job %.2f CPU s, %d + %d MiB", (after - before).Seconds(), a.CPU.Seconds(), peak>>20, a.PeakMemory>>20)
	o.bytes = bytesIn(a.Log)
	return out, o.entered(a.Status, &out)
}

// entered reads the customers of each stage in the status.
func (o *ours) entered(raw []byte, out *sample) error {
	if o.whole {
		var status v1alpha1.JourneyMapStatus
		if err := json.Unmarshal(raw, &status); err != nil {
			return err
		}
		if len(status.Stages) != stages {
			return fmt.Errorf("the job gave %d stages", len(status.Stages))
		}
		for i := range out.reached {
			out.reached[i] = status.Stages[i].Entered
		}
		return nil
	}
	var status v1alpha1.MetricReportStatus
	if err := json.Unmarshal(raw, &status); err != nil {
		return err
	}
	if len(status.Tables) == 0 || len(status.Tables[0].Rows) != stages {
		return fmt.Errorf("the job gave no funnel: %s", raw)
	}
	for i, row := range status.Tables[0].Rows {
		n, err := strconv.ParseInt(row.Values[1], 10, 64)
		if err != nil {
			return err
		}
		out.reached[i] = n
	}
	return nil
}

// bytesIn finds what the store read in the log of a job.
func bytesIn(log string) int64 {
	_, rest, _ := strings.Cut(log, `"msg":"scanned"`)
	_, rest, _ = strings.Cut(rest, `"bytes":`)
	digits, _, _ := strings.Cut(rest, ",")
	n, _ := strconv.ParseInt(digits, 10, 64) // a log without it has read nothing
	return n
}

// document of a map of five stages over both sources of the world.
func (o *ours) document() *config.Metrics {
	asOf := metav1.NewTime(time.Unix(begin, 0).Add(50 * day * time.Second))
	spec := v1alpha1.JourneyMapSpec{
		StoreRef: v1alpha1.LocalReference{Name: v1alpha1.LocalName(o.rig.Samples.Store.Name)},
		Progression: v1alpha1.Progression{
			Order: v1alpha1.Ordered, Window: v1alpha1.Duration(fmt.Sprintf("%dd", window/day)), Ties: v1alpha1.ExactTies,
		},
		Analysis: &v1alpha1.Analysis{AsOf: &asOf, Range: &v1alpha1.TimeRange{
			From: metav1.NewTime(time.Unix(begin, 0)), To: metav1.NewTime(time.Unix(begin+days*day+day, 0)),
		}},
	}
	doc := &config.Metrics{
		Version: config.Version, Kind: "JourneyMap", Namespace: rig.Namespace, Name: "funnel", UID: "uid-funnel", Generation: 1,
		Store: config.Store{URL: o.rig.URL(), UID: "uid-store"}, MapName: "funnel", MapGeneration: 1,
	}
	for i, name := range names[:stages] {
		stage := v1alpha1.ItemName("stage-" + strconv.Itoa(i+1))
		spec.Stages = append(spec.Stages, v1alpha1.Stage{Name: stage, Touchpoints: []v1alpha1.Touchpoint{
			{Name: stage, Match: []v1alpha1.EventMatch{{Event: name}}},
		}})
	}
	for _, source := range sources {
		spec.Sources = append(spec.Sources, v1alpha1.LocalReference{Name: v1alpha1.LocalName(source.name)})
		doc.Sources = append(doc.Sources, config.MapSource{Name: source.name, CreatedAt: metav1.NewTime(time.Unix(begin, 0))})
	}
	doc.Map = spec
	if !o.whole {
		doc.Kind = "MetricReport"
		doc.Report = &v1alpha1.MetricReportSpec{
			JourneyMapRef: v1alpha1.LocalReference{Name: "funnel"}, Analysis: spec.Analysis,
			Tables: append([]v1alpha1.Table{{Name: "funnel", Funnel: &v1alpha1.FunnelTable{}}}, o.tables...),
		}
	}
	return doc
}

// prepare makes the folder of a layout, in which a share of the events is still in the log, unless an earlier run has.
func (o *ours) prepare(ctx context.Context, fresh int) error {
	if fresh == 0 {
		dir, err := o.base(ctx, 100)
		o.dir = dir
		return err
	}
	dir, err := o.made(fmt.Sprintf("fresh-%d", fresh), func(dir string) error {
		base, err := o.base(ctx, 100-fresh)
		if err == nil {
			err = copyDir(base, dir)
		}
		if err != nil {
			return err
		}
		return o.fill(ctx, dir, share(100-fresh), end, false)
	})
	o.dir = dir
	return err
}

// bases are the shares of the time up to which folders are kept: what comes later is added to copies of them.
var bases = []int{80, 95, 100}

// base makes a folder with the first percent of the time, all of it sorted.
func (o *ours) base(ctx context.Context, percent int) (string, error) {
	return o.made(fmt.Sprintf("sorted-%d", percent), func(dir string) error {
		from := int64(0)
		for _, b := range slices.Backward(bases) {
			if b >= percent {
				continue
			}
			base, err := o.base(ctx, b)
			if err == nil {
				err = copyDir(base, dir)
			}
			if err != nil {
				return err
			}
			from = share(b)
			break
		}
		to := share(percent)
		if percent == 100 {
			to = end
		}
		return o.fill(ctx, dir, from, to, true)
	})
}

// end lies behind the last event: a few lie seconds behind the last day.
const end = 2 * days * day

func share(percent int) int64 { return int64(days*day) * int64(percent) / 100 }

// made makes a folder unless it is there.
func (o *ours) made(kind string, fill func(dir string) error) (string, error) {
	dir := filepath.Join(o.bench.dir, fmt.Sprintf("store-%d-%v-%s", o.world.events, o.world.identities, kind))
	done := filepath.Join(dir, "filled")
	if _, err := os.Stat(done); err == nil {
		return dir, nil
	}
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o700)); err != nil {
		return "", err
	}
	began := time.Now()
	if err := fill(dir); err != nil {
		return "", err
	}
	o.bench.say("  made %s in %.0f s", filepath.Base(dir), time.Since(began).Seconds())
	return dir, os.WriteFile(done, nil, 0o600)
}

// copyDir copies the data of a store that is closed.
func copyDir(from, to string) error {
	return os.CopyFS(filepath.Join(to, "data"), os.DirFS(filepath.Join(from, "data")))
}
