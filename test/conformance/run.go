// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
)

// kind runs the cases of one kind in a world, and returns the disagreements.
type kind func(ctx context.Context, w *world, c *Case) (Disagreements, error)

// kinds of cases.
var kinds = map[string]kind{
	"funnel":        runFunnel,
	"paths":         runPaths,
	"attribution":   runAttribution,
	"identity":      runIdentity,
	"stitching":     runStitching,
	"window_funnel": runFunnel,
	"stickiness":    runStickiness,

	"retention":              runRetention,
	"retention_conditions":   runConditions,
	"lifecycle":              runLifecycle,
	"funnel_trends":          runTrends,
	"funnel_time_to_convert": runTimeToConvert,
}

// Disagreements lists the differences from the expected results.
type Disagreements []string

func (d *Disagreements) addf(format string, values ...any) {
	*d = append(*d, fmt.Sprintf(format, values...))
}

// equal adds a disagreement if two values differ as JSON.
func (d *Disagreements) equal(what string, want, got any) {
	x, errX := json.Marshal(want)
	y, errY := json.Marshal(got)
	if errX != nil || errY != nil || string(x) != string(y) {
		d.addf("%s: want %s, got %s", what, x, y)
	}
}

// near adds a disagreement if two numbers differ by more than a tolerance.
func (d *Disagreements) near(what string, want, got, tolerance float64) {
	if diff := want - got; diff > tolerance || diff < -tolerance || diff != diff {
		d.addf("%s: want %g, got %g", what, want, got)
	}
}

// sameSet adds a disagreement if two sets of names differ.
func (d *Disagreements) sameSet(what string, want, got []string) {
	want, got = slices.Clone(want), slices.Clone(got)
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		d.addf("%s: want %q, got %q", what, want, got)
	}
}

// Run runs one case. It returns an error if the case cannot be run.
func Run(ctx context.Context, c *Case) (found Disagreements, err error) {
	// a case that makes the runner panic must not hide the results of the others
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	if c.Broken != nil {
		return nil, c.Broken
	}
	run, ok := kinds[c.Kind]
	if !ok {
		return nil, fmt.Errorf("the kind %q is not known", c.Kind)
	}
	w, err := newWorld(ctx, c)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	return run(ctx, w, c)
}

// Files lists the case files of a folder, sorted.
func Files(dir string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	slices.Sort(files)
	return files, err
}

// Load reads the cases of a file.
func Load(path string) ([]Case, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var cases []Case
	if err := json.Unmarshal(b, &cases); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return cases, nil
}

// Result counts the cases of a file.
type Result struct {
	// Passed of Total cases agree. Failed cases disagree and are not marked as quirks.
	Passed, Total, Failed int
}

// RunFile runs the cases of a file whose id has the prefix, and writes "file: passed/total" and each disagreement.
func RunFile(ctx context.Context, out io.Writer, name string, cases []Case, prefix string) (r Result) {
	var lines []string
	for i := range cases {
		c := &cases[i]
		if !strings.HasPrefix(c.ID, prefix) {
			continue
		}
		r.Total++
		found, err := Run(ctx, c)
		if err != nil {
			found = append(found, "cannot be run: "+err.Error())
		}
		mark := ""
		switch {
		case len(found) == 0:
			r.Passed++
			continue
		case c.Quirk != "":
			mark = " (quirk)"
		default:
			r.Failed++
		}
		for _, line := range found {
			lines = append(lines, fmt.Sprintf("  %s%s: %s", c.ID, mark, line))
		}
	}
	if r.Total > 0 {
		_, _ = fmt.Fprintf(out, "%s: %d/%d\n", name, r.Passed, r.Total)
	}
	for _, line := range lines {
		_, _ = fmt.Fprintln(out, line)
	}
	return r
}
