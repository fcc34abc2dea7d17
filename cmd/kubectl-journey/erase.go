// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/remote"
	"github.com/journeyman-dev/journeyman/internal/store"
)

const eraseLong = `Erase a person from an EventStore. Without --confirm, the command changes nothing and shows a plan: the identities, the links that joined
them, and the events by source. With --confirm and the digest of the plan, it erases exactly what the plan shows. It refuses if an identity was
linked to the person, or removed from it, in the meantime. Then it decodes every file to prove that nothing is left, and the store keeps a receipt
with keyed hashes.

Give the identity unhashed. An ingestion pod, which has the pepper, normalises it and hashes it with each pepper in the Secret. The identity is
passed through stdin, so that no audit log contains it. You need permission to get Services, to list pods and TouchpointSources, and to create
pods/exec in the namespace. The command exits with 1 if nobody was found.`

const eraseExample = `  # what would go?
  kubectl journey erase default email=ana@example.com

  # erase that
  kubectl journey erase default email=ana@example.com --confirm 3f0c…

  # what was erased?
  kubectl journey erase default --receipts`

// eraser runs commands in the pods of a store.
type eraser interface {
	Run(ctx context.Context, in io.Reader, args ...string) ([]byte, error)
	RunWithPepper(ctx context.Context, in io.Reader, args ...string) ([]byte, error)
}

type eraseOptions struct {
	cluster         clusterOptions
	confirm, output string
	only, receipts  bool
	connect         func() (eraser, error)
}

func eraseCommand() *cobra.Command {
	var o eraseOptions
	c := &cobra.Command{
		Use: "erase STORE (TYPE=VALUE [--confirm DIGEST] | --receipts)", Short: "Show what an erasure removes, and execute it",
		Long: eraseLong, Example: eraseExample, Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.connect = func() (eraser, error) {
				cfg, namespace, err := o.cluster.config()
				if err != nil {
					return nil, err
				}
				return remote.NewStore(cfg, namespace, args[0])
			}
			return o.run(cmd, args[1:])
		},
	}
	f := c.Flags()
	o.cluster.addTo(f)
	f.StringVar(&o.confirm, "confirm", "", "digest of a plan: erase what that plan shows")
	f.BoolVar(&o.only, "identity-only", false, "erase only this identity with its events, not the whole person")
	f.BoolVar(&o.receipts, "receipts", false, "list past erasures")
	f.StringVarP(&o.output, "output", "o", "table", "table or json")
	return c
}

func (o *eraseOptions) run(cmd *cobra.Command, args []string) error {
	if o.output != "table" && o.output != "json" {
		return fmt.Errorf("unknown output %q: use table or json", o.output)
	}
	if o.receipts != (len(args) == 0) {
		return errors.New("give the identity as TYPE=VALUE, or set --receipts")
	}
	pods, err := o.connect()
	if err != nil {
		return err
	}
	if o.receipts {
		return o.list(cmd, pods)
	}
	forms, err := o.forms(cmd.Context(), pods, args[0])
	if err != nil {
		return err
	}
	command := []string{"erase"}
	if o.only {
		command = append(command, "--identity-only")
	}
	if o.confirm != "" {
		command = append(command, "--confirm", o.confirm)
	}
	out, err := pods.Run(cmd.Context(), bytes.NewReader(forms), append(command, "-")...)
	switch {
	case err != nil:
		return err
	case o.output == "json":
		_, err := cmd.OutOrStdout().Write(out)
		return err
	case o.confirm == "":
		return printPlan(cmd, out)
	}
	var r store.Receipt
	if err := json.Unmarshal(out, &r); err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(),
		"Erased: %d identities, %d events. Files rewritten: %d; decoded afterwards, without a trace: %d. Receipt: %s\n",
		r.Identities, r.Events, r.FilesRewritten, r.FilesChecked, r.Digest)
	return err
}

// forms asks an ingestion pod for the hashed forms of the identity.
func (o *eraseOptions) forms(ctx context.Context, pods eraser, text string) ([]byte, error) {
	typ, value, ok := strings.Cut(text, "=")
	if !ok || typ == "" || value == "" {
		return nil, errors.New("write an identity as TYPE=VALUE, such as customerId=880011")
	}
	question, err := json.Marshal(event.Identity{Type: typ, Value: value})
	if err != nil {
		return nil, err
	}
	return pods.RunWithPepper(ctx, bytes.NewReader(question), "hash")
}

func printPlan(cmd *cobra.Command, out []byte) error {
	var p store.ErasurePlan
	if err := json.Unmarshal(out, &p); err != nil {
		return err
	}
	t := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 3, ' ', 0)
	_, _ = fmt.Fprintln(t, "\tIDENTITY\tJOINED BY")
	for i, id := range p.Identities {
		var by []string
		for _, l := range p.Links {
			if l.A == i || l.B == i {
				by = append(by, linkInWords(&l, i))
			}
		}
		if id.Asked {
			by = append([]string{"asked for"}, by...)
		}
		value := id.Value
		if value == "" {
			value = "(in no stored event)"
		}
		_, _ = fmt.Fprintf(t, "%d\t%s=%s\t%s\n", i+1, id.Type, value, strings.Join(by, "; "))
	}
	_, _ = fmt.Fprintln(t)
	_, _ = fmt.Fprintln(t, "\tSOURCE\tEVENTS")
	for _, s := range slices.Sorted(maps.Keys(p.BySource)) {
		_, _ = fmt.Fprintf(t, "\t%s\t%d\n", s, p.BySource[s])
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(),
		"\nNothing is erased yet. The plan erases %d identities and %d events; later events of these identities are refused and counted.\n"+
			"To erase them: --confirm %s\n",
		len(p.Identities), p.Events, p.Digest)
	return err
}

// linkInWords reports a link from one of its ends.
func linkInWords(l *store.PlannedLink, from int) string {
	other := l.A
	if other == from {
		other = l.B
	}
	public := ""
	if l.Public {
		public = ", public"
	}
	return fmt.Sprintf("with %d: %s%s, %s", other+1, strings.Join(l.Sources, " and "), public, time.UnixMicro(l.Time).UTC().Format(time.RFC3339))
}

func (o *eraseOptions) list(cmd *cobra.Command, pods eraser) error {
	out, err := pods.Run(cmd.Context(), nil, "erase", "--receipts")
	if err != nil {
		return err
	}
	if o.output == "json" {
		_, err := cmd.OutOrStdout().Write(out)
		return err
	}
	var list []store.Receipt
	if err := json.Unmarshal(out, &list); err != nil {
		return err
	}
	t := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 3, ' ', 0)
	_, _ = fmt.Fprintln(t, "ERASED\tIDENTITIES\tEVENTS\tFILES-CHECKED\tASKED\tRECEIPT")
	for _, r := range list {
		_, _ = fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%s\t%s\n", time.UnixMicro(r.At).UTC().Format(time.RFC3339), r.Identities, r.Events, r.FilesChecked,
			strings.Join(r.Asked, " "), r.Digest)
	}
	return t.Flush()
}
