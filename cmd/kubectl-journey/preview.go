// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"github.com/journeyman-dev/journeyman/internal/analysis/plan"
	"github.com/journeyman-dev/journeyman/internal/preview"
	"github.com/journeyman-dev/journeyman/internal/preview/output"
	"github.com/journeyman-dev/journeyman/internal/preview/review"
)

const previewLong = `Compute offline what the operator would write into the status of JourneyMaps and MetricReports. The manifests are validated as the
API server validates them, the events go into a store in a temporary folder, and the code of the analysis job does the rest.

Events come from files: JSON, tables (CSV) or Parquet, compressed or not, one event a row. If a file does not contain everything, set the rest:
--encoding if the text is not UTF-8, --dates if days such as 03/04/2026 are ambiguous, --time-zone for times without a zone, and --event for the
name of rows without one. These flags apply to all files. To set a value for one file, append it to the file's name, after a comma.
Rows of a source whose manifest has mapping rules are documents for those rules. All other rows are in the plain form: event, time and
an identity (customerId, loyaltyId, email, phone, deviceId or anonymousId), and optionally id, source, channel, kind, initiator,
sessionId, orderId, amount with currency, survey.kind with survey.score, traits.NAME and groups.NAME. Everything else is a
property.

The command exits with 0 if there are numbers. It exits with 1 if manifests or files are invalid, or most rows were refused. It exits with 2 if
everything is valid but a map has no mature attempt or a report has no value; the output says why.`

const previewExample = `  # the numbers of an edited map, before it is merged
  kubectl journey preview -f maps/ --events events.ndjson

  # exports of three tools, each of its own source
  kubectl journey preview -f maps/ --events web=mixpanel.csv --events shop=orders.csv --events tills=receipts.csv

  # two of which leave open what their times mean
  kubectl journey preview -f maps/ --events web=mixpanel.csv,time-zone=UTC --events tills=receipts.csv,time-zone=Europe/Berlin,dates=dmy

  # all that is wrong with manifests
  kubectl journey preview -f maps/

  # for a machine to compare
  kubectl journey preview -f map.yaml --events events.parquet -o json > after.json`

type previewOptions struct {
	inputs  inputOptions
	output  string
	verbose bool
}

func previewCommand() *cobra.Command {
	var o previewOptions
	c := &cobra.Command{
		Use: "preview -f MANIFESTS [--events FILE]", Short: "Compute the numbers of maps and reports offline, from files, or check manifests",
		Long: previewLong, Example: previewExample, Args: noFiles,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	f := c.Flags()
	o.inputs.addTo(f)
	f.StringVarP(&o.output, "output", "o", "table", "table, json or yaml")
	f.IntVar(&o.inputs.rows, "table-rows", 0, "rows of each table, at most 100 (default: as many as in a status)")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "show progress")
	if err := c.MarkFlagRequired("filename"); err != nil {
		panic(err) // the flag is defined above
	}
	return c
}

// noFiles refuses arguments without a flag: a shell expands --events *.csv to several files, and the flag takes only the first one.
func noFiles(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return fmt.Errorf("%q belongs to no flag: repeat --events for each file, or separate the files by commas", args[0])
}

func (o *previewOptions) run(cmd *cobra.Command) error {
	printer, err := output.NewPrinter(o.output)
	if err != nil {
		return err
	}
	log := slog.New(slog.DiscardHandler)
	if o.verbose {
		log = slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil))
	}
	if len(o.inputs.events)+len(o.inputs.requests) == 0 {
		return o.check(cmd, printer)
	}
	p, err := o.inputs.open(cmd, log)
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }() // a temporary folder
	objects, err := p.Objects(cmd.Context())
	if err != nil {
		return err
	}
	printed := printer(cmd.OutOrStdout(), objects, &p.Filled)
	note, none := output.Mature(objects)
	if note != "" {
		cmd.PrintErrln(note)
	}
	return errors.Join(printed, p.Filled.Err(), none)
}

// check validates the manifests as the operator does. It is a preview without events.
func (o *previewOptions) check(cmd *cobra.Command, printer output.Printer) error {
	asOf, err := parseAsOf(o.inputs.asOf, time.Now())
	if err != nil {
		return err
	}
	set, err := o.inputs.load(cmd)
	if err != nil {
		return err
	}
	objects, err := preview.Accepted(cmd.Context(), set, cmp.Or(asOf, time.Now()))
	if err != nil {
		return err
	}
	for _, advice := range review.Advice(set) {
		cmd.PrintErrln("note: " + advice)
	}
	if o.output != "table" {
		return printer(cmd.OutOrStdout(), objects, nil)
	}
	for i := range objects {
		if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%s/%s: accepted\n", objects[i].Kind, objects[i].Metadata.Name); err != nil {
			return err
		}
	}
	return nil
}

// parseAsOf returns the zero time for an empty text.
func parseAsOf(text string, now time.Time) (time.Time, error) {
	switch text {
	case "":
		return time.Time{}, nil
	case "now":
		return plan.WholeSecond(now), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, fmt.Errorf("--as-of %s: use a time such as 2026-11-21T10:00:00Z, or now", text)
	}
	if !at.Equal(at.Truncate(time.Second)) {
		return at, fmt.Errorf("--as-of %s: use a whole second, such as %s", text, plan.WholeSecond(at).Format(time.RFC3339))
	}
	return at, nil
}
