// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package published

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// dataset recomputes the numbers of one data set.
type dataset struct {
	// folder in the folder of data sets
	folder string
	run    func(ctx context.Context, folder string, c *checks) error
}

// datasets are the known data sets.
var datasets = []dataset{
	{"ecom-retentioneering", ecom}, {"online-retail", onlineRetail}, {"cdnow", cdnow},
}

// checks compares numbers, and writes a line for each.
type checks struct {
	out     io.Writer
	dataset string
	// total and failed are the numbers of comparisons.
	total, failed int
}

// equal compares two texts.
func (c *checks) equal(what, published, ours string) {
	c.total++
	mark := ""
	if published != ours {
		c.failed++
		mark = "   DIFFERENT"
	}
	_, _ = fmt.Fprintf(c.out, "%s: %s: %s / %s%s\n", c.dataset, what, published, ours, mark)
}

// count compares two integers.
func (c *checks) count(what string, published, ours int64) {
	c.equal(what, strconv.FormatInt(published, 10), strconv.FormatInt(ours, 10))
}

// digits compares a number, rounded to the number of digits of the published one, with the published one.
func (c *checks) digits(what, published, ours string) {
	f, err := strconv.ParseFloat(ours, 64)
	if err != nil {
		c.equal(what, published, ours)
		return
	}
	_, fraction, _ := strings.Cut(published, ".")
	scale := math.Pow10(len(fraction))
	c.equal(what, published, strconv.FormatFloat(math.Round(f*scale)/scale, 'f', len(fraction), 64))
}

// Result is the number of comparisons of a run.
type Result struct{ Total, Failed, Absent int }

// Run recomputes all known data sets in a folder, and writes "data set: what: published / ours" for each number. Missing data sets are named, and
// counted as absent.
func Run(ctx context.Context, dir string, out io.Writer) (r Result, err error) {
	for _, d := range datasets {
		folder := filepath.Join(dir, d.folder)
		if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
			_, _ = fmt.Fprintf(out, "%s: not there: %s\n", d.folder, folder)
			r.Absent++
			continue
		}
		c := &checks{out: out, dataset: d.folder}
		if err := d.run(ctx, folder, c); err != nil {
			return r, fmt.Errorf("%s: %w", d.folder, err)
		}
		r.Total, r.Failed = r.Total+c.total, r.Failed+c.failed
	}
	return r, nil
}

// kpi returns the result of a KPI in a status.
func kpi(s *v1alpha1.MetricReportStatus, name string) v1alpha1.KPIResult {
	for _, k := range s.KPIs {
		if string(k.Name) == name {
			return k
		}
	}
	return v1alpha1.KPIResult{}
}

// cell returns the text of a column in the first row of a table that starts with the given values.
func cell(t *v1alpha1.TableResult, column string, first ...string) string {
	for _, row := range t.Rows {
		same := len(row.Values) >= len(first)
		for i := 0; same && i < len(first); i++ {
			same = row.Values[i] == first[i]
		}
		for i := range t.Columns {
			if same && t.Columns[i].Name == column {
				return row.Values[i]
			}
		}
	}
	return "none"
}
