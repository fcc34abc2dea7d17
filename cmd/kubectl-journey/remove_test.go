// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/memory"
)

// removing answers like the program in the store's pod, with a store in memory.
type removing struct {
	inProcess

	calls int
}

func (p *removing) Run(ctx context.Context, _ io.Reader, args ...string) ([]byte, error) {
	p.calls++
	var f store.RemovalFlags
	through := int64(0)
	for _, arg := range args[1:] {
		name, value, _ := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
		n, _ := strconv.ParseInt(value, 10, 64)
		switch name {
		case "source":
			f.Source = value
		case "import":
			f.Import = value
		case "from":
			f.From = value
		case "to":
			f.To = value
		case "generation":
			f.Generation = n
		case "generations-before":
			f.Before = n
		case "uid":
			f.UID = value
		case "confirm":
			through = n
		}
	}
	r, err := f.Request()
	if err != nil {
		return nil, err
	}
	if r.Through = through; through > 0 {
		removed, err := p.store.Remove(ctx, r)
		return errJSON(removed, err)
	}
	plan, err := p.store.PlanRemoval(ctx, r)
	return errJSON(plan, err)
}

// TestRemove shows what would go, asks, and removes exactly that.
func TestRemove(t *testing.T) {
	p := &removing{inProcess: inProcess{store: memory.New(identity.NewPolicy(nil))}}
	send := func(importID string, generation int64, ids ...string) {
		b := store.Batch{Source: "tills", Import: importID}
		for i, id := range ids {
			at := int64(i) * 86_400_000_000
			b.Events = append(b.Events, event.Event{
				ID: id, Source: "tills", Name: "x", Time: at, ReceivedAt: at, MappingGeneration: generation, Identities: []event.Identity{{Type: "loyaltyId", Value: id}},
			})
		}
		_, err := p.store.Append(t.Context(), b)
		require.NoError(t, err)
	}
	run := func(o removeOptions, answer string) (out, said string, err error) {
		o.connect = func() (eraser, error) { return p, nil }
		if o.output == "" {
			o.output = "table"
		}
		var stdout, stderr bytes.Buffer
		c := &cobra.Command{}
		c.SetIn(strings.NewReader(answer))
		c.SetOut(&stdout)
		c.SetErr(&stderr)
		c.SetContext(t.Context())
		err = o.run(c)
		return stdout.String(), stderr.String(), err
	}
	events := func() int64 {
		state, err := p.store.State(t.Context())
		require.NoError(t, err)
		return state.Health.Events
	}
	send("", 1, "a", "b")
	send("march", 1, "c", "d", "e")
	send("", 2, "c", "f")
	march := removeOptions{flags: store.RemovalFlags{Source: "tills", Import: "march"}}

	for _, answer := range []string{"", "no\n", "y\n"} {
		out, said, err := run(march, answer)
		require.ErrorContains(t, err, "nothing was removed")
		require.Contains(t, out, "tills    3        1970-01-01T00:00:00Z   1970-01-03T00:00:00Z   3")
		require.Contains(t, out, "Left out as duplicates since the import began: 1 event of the source.")
		require.Contains(t, said, "Remove 3 events?")
		require.EqualValues(t, 6, events())
	}
	dry := march
	dry.plan, dry.output = true, "json"
	out, _, err := run(dry, "")
	require.NoError(t, err)
	require.JSONEq(t, `{"through":3,"events":3,"oldest":0,"newest":172800000000,"persons":3,"files":0,"duplicates":1}`, out)

	out, _, err = run(march, "Yes\n")
	require.NoError(t, err)
	require.Contains(t, out, "Removed: 3 events, 3 identities and links, at seq 4.")
	require.EqualValues(t, 3, events())
	out, _, err = run(march, "")
	require.NoError(t, err)
	require.Contains(t, out, "Nothing to remove")

	out, said, err := run(removeOptions{flags: store.RemovalFlags{Source: "tills", Before: 2}, yes: true, output: "json"}, "")
	require.NoError(t, err)
	require.Contains(t, out, `"events":2`)
	require.Contains(t, said, "OLDEST")
	require.EqualValues(t, 1, events())
	out, said, err = run(removeOptions{flags: store.RemovalFlags{Source: "tills", Before: 2}, output: "json"}, "")
	require.NoError(t, err)
	require.Contains(t, out, `"seq":5,"events":0`, "a script gets an answer")
	require.Contains(t, said, "Nothing to remove")
	require.NotContains(t, said, "Type yes")

	calls := p.calls
	for want, f := range map[string]store.RemovalFlags{
		"set --source":                     {Import: "x"},
		"set exactly one of":               {Source: "tills"},
		"set exactly one of --import":      {Source: "tills", Import: "x", From: "2026-03-01"},
		`--from "March"`:                   {Source: "tills", From: "March"},
		`--to "2026-3-1": write a time as`: {Source: "tills", To: "2026-3-1"},
		"is not before --to 2026-03-01":    {Source: "tills", From: "2026-03-01", To: "2026-03-01"},
		`--uid "u": set --generation`:      {Source: "tills", Import: "x", UID: "u"},
		"generations start at 1":           {Source: "tills", Generation: -1},
	} {
		_, _, err := run(removeOptions{flags: f}, "")
		require.ErrorContains(t, err, want)
	}
	require.Equal(t, calls, p.calls, "nothing was asked of the store")
	_, _, err = run(removeOptions{flags: store.RemovalFlags{Source: "tills", Import: "no such"}}, "")
	require.ErrorContains(t, err, `the latest are "march"`)
}
