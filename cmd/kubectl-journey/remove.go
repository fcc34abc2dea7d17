// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/journeyman-dev/journeyman/internal/remote"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/value"
)

const removeLong = `Remove events of one source from an EventStore: those of an import, of a range of time, or of the mapping of earlier generations of the
TouchpointSource. Use it to undo a wrong import, or before you send events again with a fixed mapping.

The command first shows what would be removed, and asks. Then it removes exactly these events, their keys, and the identities and links that only
they state. Afterwards the store accepts the same events again. Cursors and counters of the source do not change: set the cursors back to read a
pull source again. To erase a person, use "kubectl journey erase": removed events leave no tombstone.

You need permission to list pods and to create pods/exec in the namespace. If the connection breaks, run the command again: the events are either all
there or all removed.`

const removeExample = `  # undo an import
  kubectl journey remove default --source tills --import 2026-03.csv

  # before events are sent again with a fixed mapping: all that earlier generations of the source mapped
  kubectl journey remove default --source shop --generations-before 4

  # a day, without a question
  kubectl journey remove default --source shop --from 2026-03-01 --to 2026-03-02 --yes`

type removeOptions struct {
	cluster clusterOptions
	flags   store.RemovalFlags
	output  string
	plan    bool
	yes     bool
	connect func() (eraser, error)
}

func removeCommand() *cobra.Command {
	var o removeOptions
	c := &cobra.Command{
		Use:   "remove STORE --source SOURCE (--import ID | --from TIME --to TIME | --generation N | --generations-before N)",
		Short: "Remove an import, or events that a wrong mapping made", Long: removeLong, Example: removeExample, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.connect = func() (eraser, error) {
				cfg, namespace, err := o.cluster.config()
				if err != nil {
					return nil, err
				}
				return remote.NewStore(cfg, namespace, args[0])
			}
			return o.run(cmd)
		},
	}
	f := c.Flags()
	o.cluster.addTo(f)
	for name, into := range map[string]*string{
		"source": &o.flags.Source, "import": &o.flags.Import, "from": &o.flags.From, "to": &o.flags.To, "uid": &o.flags.UID,
	} {
		f.StringVar(into, name, "", store.RemovalUsages[name])
	}
	f.Int64Var(&o.flags.Generation, "generation", 0, store.RemovalUsages["generation"])
	f.Int64Var(&o.flags.Before, "generations-before", 0, store.RemovalUsages["generations-before"])
	f.BoolVar(&o.plan, "dry-run", false, "only show what would be removed")
	f.BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	f.StringVarP(&o.output, "output", "o", "table", "table or json")
	return c
}

// args are the arguments of the same command in the store's pod.
func (o *removeOptions) args() []string {
	f := &o.flags
	args := []string{"remove"}
	for _, x := range []struct{ name, value string }{
		{"source", f.Source}, {"import", f.Import}, {"from", f.From}, {"to", f.To}, {"uid", f.UID},
	} {
		if x.value != "" {
			args = append(args, "--"+x.name+"="+x.value)
		}
	}
	if f.Generation != 0 {
		args = append(args, "--generation="+strconv.FormatInt(f.Generation, 10))
	}
	if f.Before != 0 {
		args = append(args, "--generations-before="+strconv.FormatInt(f.Before, 10))
	}
	return args
}

func (o *removeOptions) run(cmd *cobra.Command) error {
	if o.output != "table" && o.output != "json" {
		return fmt.Errorf("unknown output %q: use table or json", o.output)
	}
	if _, err := o.flags.Request(); err != nil {
		return err
	}
	pods, err := o.connect()
	if err != nil {
		return err
	}
	plan, out, err := o.ahead(cmd, pods)
	if err != nil {
		return err
	}
	if o.plan && o.output == "json" {
		_, err := cmd.OutOrStdout().Write(out)
		return err
	}
	// A script gets an answer also if there is nothing to remove: that of the store.
	if err := o.show(cmd, plan); err != nil || o.plan || plan.Events == 0 && o.output == "table" {
		return err
	}
	if plan.Events > 0 {
		if err := o.ask(cmd, plan); err != nil {
			return err
		}
		cmd.PrintErrln("Removing. Appends and scans continue. Large removals take minutes.")
	}
	if out, err = pods.Run(cmd.Context(), nil, append(o.args(), "--confirm="+strconv.FormatInt(plan.Through, 10))...); err != nil {
		return err
	}
	return o.done(cmd, out)
}

// ahead returns what a removal would take, also as the store wrote it.
func (o *removeOptions) ahead(cmd *cobra.Command, pods eraser) (*store.RemovalPlan, []byte, error) {
	out, err := pods.Run(cmd.Context(), nil, o.args()...)
	if err != nil {
		return nil, nil, err
	}
	var plan store.RemovalPlan
	return &plan, out, json.Unmarshal(out, &plan)
}

// show prints the plan; to stderr if stdout is for the result as JSON.
func (o *removeOptions) show(cmd *cobra.Command, p *store.RemovalPlan) error {
	to := cmd.OutOrStdout()
	if o.output == "json" {
		to = cmd.ErrOrStderr()
	}
	if p.Events == 0 {
		_, err := fmt.Fprintf(to, "Nothing to remove: source %s has no such events.\n", o.flags.Source)
		return err
	}
	t := tabwriter.NewWriter(to, 0, 0, 3, ' ', 0)
	_, _ = fmt.Fprintln(t, "SOURCE\tEVENTS\tOLDEST\tNEWEST\tPERSONS\tFILES")
	at := func(micros int64) string { return time.UnixMicro(micros).UTC().Format(time.RFC3339) }
	_, _ = fmt.Fprintf(t, "%s\t%d\t%s\t%s\t%d\t%d\n", o.flags.Source, p.Events, at(p.Oldest), at(p.Newest), p.Persons, p.Files)
	if err := t.Flush(); err != nil || p.Duplicates == 0 {
		return err
	}
	_, err := fmt.Fprintf(to, "\nLeft out as duplicates since the import began: %s of the source. Those of them that repeat an event of the import are stored "+
		"nowhere once it is removed: send them again.\n", value.Counted(p.Duplicates, "event"))
	return err
}

// ask returns an error unless the answer is yes.
func (o *removeOptions) ask(cmd *cobra.Command, p *store.RemovalPlan) error {
	if o.yes {
		return nil
	}
	cmd.PrintErrf("\nRemove %s? Type yes: ", value.Counted(p.Events, "event"))
	answer, err := bufio.NewReader(cmd.InOrStdin()).ReadString('\n')
	if strings.TrimSpace(strings.ToLower(answer)) == "yes" {
		return nil
	}
	if err != nil {
		cmd.PrintErrln()
	}
	return errors.New("nothing was removed: the answer was not yes. To remove without a question, set --yes")
}

func (o *removeOptions) done(cmd *cobra.Command, out []byte) error {
	if o.output == "json" {
		_, err := cmd.OutOrStdout().Write(out)
		return err
	}
	var r store.Removed
	if err := json.Unmarshal(out, &r); err != nil {
		return err
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(),
		"Removed: %s, %d identities and links, at seq %d. Files rewritten: %d; decoded afterwards, without these events: %d. The events are accepted again.\n",
		value.Counted(r.Events, "event"), r.Identities, r.Seq, r.FilesRewritten, r.FilesChecked)
	return err
}
