// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Command crdcheck prints what each CRD weighs: its bytes, and the estimated cost of its CEL rules as a share of what the API
// server allows, for the dearest rule and in total. It exits with 1 above 60 % of a limit or 100 KB, so that there is room for the
// next field before an upgrade of the cluster refuses the CRD.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
)

const (
	// maxBytes of a CRD: kubectl apply keeps a copy in an annotation, which ends at 256 KiB, and etcd at 1.5 MiB.
	maxBytes = 100_000
	// maxShare of the API server's limits on cost.
	maxShare = 0.6
)

func main() {
	dir := flag.String("dir", "config/crd/bases", "folder of the CRDs, one YAML file each")
	flag.Parse()
	bad, err := check(*dir, os.Stdout)
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "crdcheck:", err)
		os.Exit(1)
	case len(bad) > 0:
		for _, b := range bad {
			fmt.Fprintln(os.Stderr, "crdcheck:", b)
		}
		os.Exit(1)
	}
}

// check measures every CRD of a folder, prints a table, and gives a sentence for every limit that is passed.
func check(dir string, out io.Writer) (bad []string, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("no CRDs in %s: %w", dir, os.ErrNotExist)
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "CRD\tBYTES\tRULES\tCOST\tDEAREST RULE\t")
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		r, err := measure(raw)
		if err != nil {
			return nil, err
		}
		_, _ = fmt.Fprintf(table, "%s\t%d\t%d\t%s\t%s %s\n", r.Name, r.Bytes, r.Rules, percent(r.totalShare()), percent(r.dearestShare()), r.DearestPath)
		bad = append(bad, r.excesses()...)
	}
	return bad, table.Flush()
}

func (r report) totalShare() float64 {
	return float64(r.Total) / validation.StaticEstimatedCRDCostLimit
}

func (r report) dearestShare() float64 {
	return float64(r.Dearest) / validation.StaticEstimatedCostLimit
}

// excesses names every limit that the CRD passes.
func (r report) excesses() []string {
	var found []string
	if r.Bytes > maxBytes {
		found = append(found, fmt.Sprintf("%s has %d bytes, over %d: shorten or share types", r.Name, r.Bytes, maxBytes))
	}
	if r.totalShare() > maxShare {
		found = append(found, fmt.Sprintf("%s: all rules together may cost %s of the limit, over %s: lower maxItems and maxLength, or simplify",
			r.Name, percent(r.totalShare()), percent(maxShare)))
	}
	if r.dearestShare() > maxShare {
		found = append(found, fmt.Sprintf("%s: the rule at %s may cost %s of the limit, over %s: lower maxItems and maxLength, or simplify",
			r.Name, r.DearestPath, percent(r.dearestShare()), percent(maxShare)))
	}
	return found
}

func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }
