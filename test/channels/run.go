// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package channels

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/ingest"
	"github.com/journeyman-dev/journeyman/internal/ingest/puller"
	"github.com/journeyman-dev/journeyman/test/channels/queue"
)

// Result of a file.
type Result struct {
	File string
	// Via is what the samples were sent to.
	Via string
	// Total is the number of samples, Passed of those that agree, and Failed of those that don't. The others are not built.
	Total, Passed, Failed int
}

// NotBuilt is the number of samples for which nothing is built yet.
func (r *Result) NotBuilt() int { return r.Total - r.Passed - r.Failed }

// Run sends one sample. The differences are empty if the result is the expected one. built is false if there is no source for the sample.
func Run(ctx context.Context, file string, s *Sample) (differences []string, via string, built bool, err error) {
	if begin := brokers[file]; begin != nil && s.Message != nil {
		differences, err := runMessage(ctx, begin, s)
		return differences, strings.TrimSuffix(file, ".json"), true, err
	}
	source := SourceFor(file, s)
	if source == nil {
		return nil, "", false, nil
	}
	if s.FollowUp != nil {
		api := serveAPI(s.FollowUp)
		defer api.Close()
		if err := followUp(source, s.FollowUp, api.URL); err != nil {
			return nil, source.Via, true, err
		}
	}
	p, err := start(ctx, s, source)
	if err != nil {
		return nil, source.Via, true, err
	}
	got, err := p.send(ctx, s.Request)
	if err = errors.Join(err, p.close()); err != nil {
		return nil, source.Via, true, err
	}
	accepted := source.Accepted
	if accepted == 0 {
		accepted = http.StatusOK
	}
	return compare(s, accepted, got), source.Via, true, nil
}

// broker starts a broker with the message of a sample, and returns the source that reads it.
type broker func(ctx context.Context, sample json.RawMessage) (spec v1alpha1.TouchpointSourceSpec, stop func(), err error)

// brokers by the file of the sample.
var brokers = map[string]broker{"kafka.json": queue.Kafka}

// runMessage lets a source read the message of a sample.
func runMessage(ctx context.Context, begin broker, s *Sample) ([]string, error) {
	if s.Valid && len(s.Expect) == 0 {
		return nil, errors.New("the sample is valid, and expects no event: it would agree with everything")
	}
	spec, stop, err := begin(ctx, s.Message)
	if err != nil {
		return nil, err
	}
	defer stop()
	spec.Egress = &v1alpha1.SourceEgress{CIDRs: []string{loopback}}
	p, err := start(ctx, s, &Source{Name: "queue", Spec: spec, EgressPermitted: []string{loopback}})
	if err != nil {
		return nil, err
	}
	events, err := p.read(ctx)
	if err = errors.Join(err, p.close()); err != nil {
		return nil, err
	}
	d := &differ{}
	d.events(s, events)
	return d.found, nil
}

// read returns the events in the store when the source says that it has read everything.
func (p *pod) read(ctx context.Context) ([]event.Event, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		state, err := p.reading(ctx)
		switch {
		case err != nil:
			return nil, err
		case state != nil && state.Documents > 0 && state.Lag != nil && *state.Lag == 0:
			return p.store.stored(ctx)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("the message was not read in time: %+v", state)
		case <-tick.C:
		}
	}
}

// reading returns the state of reading of /stats; nil before the source is known.
func (p *pod) reading(ctx context.Context) (*puller.State, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.probes+"/stats", http.NoBody)
	if err != nil {
		return nil, err
	}
	response, err := p.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close() //nolint:errcheck // nothing is written
	var d ingest.StatsDocument
	err = json.NewDecoder(response.Body).Decode(&d)
	return d.Pull, err
}

// RunFile runs the samples of a file, and prints each difference and each sample that is not built.
func RunFile(ctx context.Context, w io.Writer, file string) (Result, error) {
	samples, err := Load(file)
	r := Result{File: filepath.Base(file), Total: len(samples)}
	if err != nil {
		return r, err
	}
	var vias []string
	for i := range samples {
		s := &samples[i]
		differences, via, built, err := Run(ctx, r.File, s)
		switch {
		case err != nil:
			differences = []string{err.Error()}
			fallthrough
		case len(differences) > 0:
			r.Failed++
			for _, d := range differences {
				fmt.Fprintf(w, "%s: %s: %s\n", r.File, s.Name, d)
			}
		case built:
			r.Passed++
		default:
			fmt.Fprintf(w, "%s: %s: not built: %s\n", r.File, s.Name, kindOf(s))
		}
		if via != "" && !slices.Contains(vias, via) {
			vias = append(vias, via)
		}
	}
	r.Via = strings.Join(vias, ", ")
	return r, nil
}

// kindOf says what a sample without a source is.
func kindOf(s *Sample) string {
	switch {
	case s.Direction == "out":
		return "an export"
	case s.Request == nil:
		return "a file, a query or a message of a queue"
	case s.Request.Method == "":
		return "a request without a method"
	}
	return "no transport or preset"
}

// Table prints the results of all files.
func Table(w io.Writer, results []Result) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if _, err := fmt.Fprintln(t, "FILE\tSENT TO\tSAMPLES\tAGREE\tDIFFER\tNOT BUILT"); err != nil {
		return err
	}
	all := Result{File: "all"}
	for i := range results {
		r := &results[i]
		all.Total, all.Passed, all.Failed = all.Total+r.Total, all.Passed+r.Passed, all.Failed+r.Failed
		if err := row(t, r); err != nil {
			return err
		}
	}
	if err := row(t, &all); err != nil {
		return err
	}
	return t.Flush()
}

func row(w io.Writer, r *Result) error {
	via := r.Via
	if via == "" {
		via = "-"
	}
	_, err := fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%d\n", r.File, via, r.Total, r.Passed, r.Failed, r.NotBuilt())
	return err
}
