// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/privacy"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/memory"
)

// inProcess answers like the programs in the pods. It uses a store in memory and a pepper of its own.
type inProcess struct {
	store  *memory.Store
	hasher *privacy.Hasher
	// args of all calls. They must not contain personal data.
	args []string
}

func (p *inProcess) RunWithPepper(_ context.Context, in io.Reader, args ...string) ([]byte, error) {
	p.args = append(p.args, args...)
	var id event.Identity
	if err := json.NewDecoder(in).Decode(&id); err != nil {
		return nil, err
	}
	normal, ok := privacy.Normalize(id.Type, id.Value)
	if !ok {
		return nil, errors.New("not a valid identity")
	}
	return json.Marshal(p.hasher.All(id.Type, normal))
}

func (p *inProcess) Run(ctx context.Context, in io.Reader, args ...string) ([]byte, error) {
	p.args = append(p.args, args...)
	if slices.Contains(args, "--receipts") {
		list, err := p.store.Receipts(ctx)
		return errJSON(list, err)
	}
	var r store.ErasureRequest
	if err := json.NewDecoder(in).Decode(&r.Identities); err != nil {
		return nil, err
	}
	if i := slices.Index(args, "--confirm"); i >= 0 {
		r.Digest = args[i+1]
		receipt, err := p.store.EraseAsPlanned(ctx, r)
		return errJSON(receipt, err)
	}
	plan, err := p.store.PlanErasure(ctx, r)
	if err == nil && len(plan.Identities) == 0 {
		err = errors.New("nobody was found")
	}
	return errJSON(plan, err)
}

func errJSON(v any, err error) ([]byte, error) {
	b, broken := json.Marshal(v)
	return b, errors.Join(err, broken)
}

func TestErase(t *testing.T) {
	p := &inProcess{
		store:  memory.New(identity.NewPolicy(nil)),
		hasher: privacy.NewHasher([]v1alpha1.IdentityType{"email"}, [][]byte{[]byte("new"), []byte("old")}),
	}
	// Two hashes of one address, under two peppers. Nothing links the hashes from before and after a rotation.
	for i, h := range p.hasher.All("email", "ana@example.test") {
		e := event.Event{ID: string(rune('a' + i)), Source: "crm", Name: "x", Time: 1, ReceivedAt: 1, Identities: []event.Identity{h, {Type: "anonymousId", Value: "cookie"}}}
		e.Identities = e.Identities[:2-i]
		_, err := p.store.Append(t.Context(), store.Batch{Source: "crm", Events: []event.Event{e}})
		require.NoError(t, err)
	}
	run := func(o eraseOptions, args ...string) (string, error) {
		o.connect = func() (eraser, error) { return p, nil }
		if o.output == "" {
			o.output = "table"
		}
		var out bytes.Buffer
		c := &cobra.Command{}
		c.SetOut(&out)
		c.SetErr(io.Discard) // scripts read the plan and the receipt from stdout
		c.SetContext(t.Context())
		err := o.run(c, args)
		return out.String(), err
	}
	shown, err := run(eraseOptions{output: "json"}, "email=Ana@Example.test")
	require.NoError(t, err)
	var plan store.ErasurePlan
	require.NoError(t, json.Unmarshal([]byte(shown), &plan))
	require.EqualValues(t, 2, plan.Events)
	require.Len(t, plan.Identities, 3, "both hashes, and the cookie")
	table, err := run(eraseOptions{}, "email=ana@example.test")
	require.NoError(t, err)
	for _, want := range []string{"anonymousId=cookie", "asked for", "crm", "Nothing is erased yet", plan.Digest} {
		require.Contains(t, table, want)
	}
	state, err := p.store.State(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 2, state.Health.Events)

	done, err := run(eraseOptions{confirm: plan.Digest}, "email=ana@example.test")
	require.NoError(t, err)
	require.Contains(t, done, "2 events")
	receipts, err := run(eraseOptions{receipts: true})
	require.NoError(t, err)
	require.Contains(t, receipts, plan.Digest)
	for _, word := range append(p.args, receipts) {
		require.NotContains(t, word, "ana@")
	}
	again, err := run(eraseOptions{confirm: plan.Digest}, "email=ana@example.test")
	require.NoError(t, err, "whose connection broke asks again")
	require.Equal(t, done, again)
	for _, o := range []eraseOptions{{}, {confirm: "another"}} {
		_, err = run(o, "email=ana@example.test")
		require.Error(t, err, "nobody was found: the exit code says so")
	}
	_, err = run(eraseOptions{}, "ana")
	require.ErrorContains(t, err, "TYPE=VALUE")
	_, err = run(eraseOptions{receipts: true}, "email=a@b.c")
	require.Error(t, err)
}
