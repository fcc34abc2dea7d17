// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/journeyman-dev/journeyman/internal/analysis"
	"github.com/journeyman-dev/journeyman/internal/analysis/messages"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/preview/output"
	"github.com/journeyman-dev/journeyman/internal/value"
)

const whoLong = `List the customers who reached a stage of a map, or who were lost after it. The list is computed from the same state of the store as the
numbers in the map's status, and by the same code. If the length of the list differs from the number in the status, the command fails.

Claimed identities are on events of public sources, together with the customer's own identities. Anybody can send such events in
anybody's name, so a claimed identity may belong to somebody else: do not write to it.

Identities are hashed if the EventStore's privacy policy says so. On a cluster, you need permission to read the map, its
ConfigMap and CronJob, and the Secret with the scan key, and to forward a port to the store's pod. With -f and --events, the command
works offline.

The command exits with 2 if the map has no mature attempt, so that nobody can be listed yet; stderr says why.`

const whoExample = `  # who was lost after the stage "consideration"?
  kubectl journey who omnichannel-retail --stage consideration --dropped

  # offline, for a machine
  kubectl journey who checkout -f maps/ --events events.ndjson --stage purchase -o json`

type whoOptions struct {
	inputs        inputOptions
	cluster       clusterOptions
	stage, output string
	depth         int
	dropped       bool
}

func whoCommand() *cobra.Command {
	var o whoOptions
	c := &cobra.Command{
		Use: "who MAP --stage STAGE [--dropped]", Short: "List who reached a stage, or who was lost after it",
		Long: whoLong, Example: whoExample, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd, args[0]) },
	}
	f := c.Flags()
	o.inputs.addTo(f)
	o.cluster.addTo(f)
	f.StringVar(&o.stage, "stage", "", "stage of the map")
	f.IntVar(&o.depth, "depth", 0, "number of stages, instead of a stage, for maps with the order Any")
	f.BoolVar(&o.dropped, "dropped", false, "only those who went no further, instead of all who reached it")
	f.StringVarP(&o.output, "output", "o", "table", "table, or json with one object in each line")
	c.MarkFlagsOneRequired("stage", "depth")
	c.MarkFlagsMutuallyExclusive("stage", "depth")
	return c
}

func (o *whoOptions) run(cmd *cobra.Command, name string) error {
	printer, err := newWhoPrinter(o.output, cmd.OutOrStdout())
	if err != nil {
		return err
	}
	log := slog.New(slog.DiscardHandler)
	target, err := o.open(cmd, name, log)
	if err != nil {
		return err
	}
	defer target.close()
	printer.version = target.version
	request := target.request
	request.Stage, request.Depth, request.Dropped, request.Log = o.stage, o.depth, o.dropped, log
	n, err := analysis.List(cmd.Context(), target.store, request, printer.add)
	if err != nil {
		return err
	}
	if err := printer.close(); err != nil {
		return err
	}
	what := "reached"
	if o.dropped {
		what = value.Agreed(n.Customers, "was", "were") + " lost after"
	}
	stage := o.stage
	if stage == "" {
		stage = value.Counted(o.depth, "stage")
	}
	cmd.PrintErrf("%s %s %s. %s%s\n", value.Counted(n.Customers, "customer"), what, stage, messages.Period(n.Period), target.state)
	if n.Note != "" {
		cmd.PrintErrln(n.Note)
		return output.NothingMature("JourneyMap/" + name)
	}
	return nil
}

// whoPrinter writes customers one by one.
type whoPrinter struct {
	// version of the identity table. JSON output has it in each customer.
	version int64
	add     func(analysis.Listed) error
	close   func() error
}

func newWhoPrinter(form string, w io.Writer) (*whoPrinter, error) {
	switch form {
	case "json":
		encoder, p := json.NewEncoder(w), &whoPrinter{close: func() error { return nil }}
		p.add = func(l analysis.Listed) error {
			c := customerOf(&l)
			c.IdentityVersion = p.version
			return encoder.Encode(c)
		}
		return p, nil
	case "table":
		t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
		_, _ = fmt.Fprintln(t, "ENTRY\tIDENTITIES")
		return &whoPrinter{add: func(l analysis.Listed) error {
			c := customerOf(&l)
			identities := strings.Join(c.Identities, " ")
			if len(c.Claimed) > 0 {
				identities += " (claimed: " + strings.Join(c.Claimed, " ") + ")"
			}
			_, err := fmt.Fprintf(t, "%s\t%s\n", c.Entry, identities)
			return err
		}, close: t.Flush}, nil
	}
	return nil, fmt.Errorf("unknown output %q: use table or json", form)
}

// listedCustomer is a customer in the JSON output.
type listedCustomer struct {
	Entry      string   `json:"entry"`
	Unit       string   `json:"unit,omitempty"`
	Identities []string `json:"identities"`
	Claimed    []string `json:"claimed,omitempty"`
	More       bool     `json:"more,omitempty"`
	// IdentityVersion is the version of the identity table that the list is based on.
	IdentityVersion int64 `json:"identityVersion"`
}

func customerOf(l *analysis.Listed) listedCustomer {
	return listedCustomer{
		Entry: l.Entry.Format(time.RFC3339), Unit: l.Unit, Identities: append([]string{}, texts(l.Identities)...), Claimed: texts(l.Claimed), More: l.More,
	}
}

func texts(list []event.Identity) (out []string) {
	for _, id := range list {
		out = append(out, id.Type+"="+id.Value)
	}
	return out
}
