// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Command crdcheck prints the size of each CRD, and the estimated cost of its CEL rules as a share of the API server's limits, for the most expensive
// rule and in total. It exits with 1 above 60 % of a limit or above 200 KB, so that a new field or a new version of Kubernetes does not make the CRD
// invalid.
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
	// maxBytes is the maximum size of a CRD, three quarters of what works: kubectl apply keeps a copy in an annotation, which has at most 256 KiB, and etcd
	// stores at most 1.5 MiB. Each transport adds a few kilobytes.
	maxBytes = 200_000
	// maxShare is the maximum share of the API server's cost limits.
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

// check measures every CRD of a folder and prints a table. It returns a message for each limit that is exceeded.
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

// excesses returns a message for each limit that the CRD exceeds.
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
