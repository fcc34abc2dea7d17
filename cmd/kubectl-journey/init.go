// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/journeyman-dev/journeyman/internal/draft"
	"github.com/journeyman-dev/journeyman/internal/preview/fill"
)

const initLong = `Look at files of events, and write first manifests for them: a TouchpointSource with a mapping for the columns, a JourneyMap
with the stages in the order in which most customers first met their events, and a MetricReport. Comments say what was seen, and what you should
check. Nothing is sent anywhere, and the manifests have no values of the columns except names of events and currencies.

Columns are recognised by their names and their contents: the event, its time, its id, the identities of the customer, session, order, amount and
currency. Columns that can be about a person do not become properties. Set what is not recognised, or wrong, by --column.

Files are the same as for preview: JSON, tables (CSV) or Parquet, compressed or not. --encoding, --dates, --time-zone and --event say what a file
leaves open; appended to the name of a file after a comma, they are for this file.

The command exits with 0 if there is a map, with 1 if the files have errors or a column is not found, and with 2 if there is only a source.`

const initExample = `  # a first draft, and its numbers
  kubectl journey init --events events.csv > journey.yaml
  kubectl journey preview -f journey.yaml --events events.csv

  # exports of several systems, each of its own source
  kubectl journey init --events web=mixpanel.csv --events tills=receipts.csv,time-zone=Europe/Berlin > journey.yaml

  # columns that are not recognised
  kubectl journey init --events export.csv --column customerId=KdNr --column event=Vorfall > journey.yaml`

type initOptions struct {
	events                       []fill.File
	encoding, dates, zone, event string
	columns                      []string
	options                      draft.Options
}

func initCommand() *cobra.Command {
	var o initOptions
	c := &cobra.Command{
		Use: "init --events FILE", Short: "Write a first source, map and report for a file of events",
		Long: initLong, Example: initExample, Args: noFiles,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	f := c.Flags()
	f.Var(eventFiles{&o.events}, "events", "files with events: NDJSON, JSON, CSV or Parquet, compressed or not; SOURCE=FILE sets the name of the source; "+
		"after a comma, encoding=, dates=, time-zone= and event= override these flags for the file")
	f.StringSliceVar(&o.columns, "column", nil, "FIELD=COLUMN: the column of a field that is not recognised, such as customerId=KdNr")
	f.StringVar(&o.event, "event", "", "name of the event for rows without one")
	f.StringVar(&o.options.Currency, "currency", "", "currency of amounts without one, such as EUR")
	f.StringVar(&o.encoding, "encoding", "", "encoding of text that is not UTF-8 and has no byte-order mark, such as windows-1252")
	f.StringVar(&o.dates, "dates", "", "order of days such as 03/04/2026: dmy or mdy; default: that which fits all days of a column")
	f.StringVar(&o.zone, "time-zone", "", "zone of times without a zone, such as Europe/Berlin; default: UTC")
	f.StringVar(&o.options.Name, "name", "journey", "name of the map and the report")
	f.StringVar(&o.options.Store, "store", "default", "name of the EventStore")
	f.StringVar(&o.options.Channel, "channel", "web", "channel of the sources")
	if err := c.MarkFlagRequired("events"); err != nil {
		panic(err) // the flag is defined above
	}
	return c
}

var (
	currencyForm = regexp.MustCompile(`^[A-Z]{3}$`)
	channelForm  = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)
)

// maxName is the length of the name of an object.
const maxName = 40

func (o *initOptions) check() error {
	for _, named := range [][2]string{{"--name", o.options.Name}, {"--store", o.options.Store}} {
		if len(validation.IsDNS1035Label(named[1])) > 0 || len(named[1]) > maxName {
			return fmt.Errorf("%s %s: use at most %d lowercase letters, digits and '-', with a letter first", named[0], named[1], maxName)
		}
	}
	if !channelForm.MatchString(o.options.Channel) {
		return fmt.Errorf("--channel %s: use a word of lowercase letters, digits and '-', such as web or store", o.options.Channel)
	}
	if o.options.Currency != "" && !currencyForm.MatchString(o.options.Currency) {
		return fmt.Errorf("--currency %s: use the three letters of ISO 4217, such as EUR", o.options.Currency)
	}
	return nil
}

func (o *initOptions) run(cmd *cobra.Command) (err error) {
	if err := o.check(); err != nil {
		return err
	}
	d := o.options
	d.Events, d.Now = o.events, time.Now()
	if d.Text, err = fill.ParseText(o.encoding, o.dates, o.zone, o.event); err != nil {
		return err
	}
	if d.Columns, err = draft.ParseColumns(o.columns); err != nil {
		return err
	}
	made, err := draft.New(cmd.Context(), d)
	if err != nil {
		return err
	}
	cmd.PrintErrln(made.Filled.String())
	for _, line := range made.Filled.Lines() {
		cmd.PrintErrln("  " + line)
	}
	return errors.Join(made.Write(cmd.OutOrStdout()), made.Filled.Err(), made.Err())
}
