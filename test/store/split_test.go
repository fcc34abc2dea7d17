// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/client"
	"github.com/journeyman-dev/journeyman/internal/store/storetest"
)

// ask runs a command of the program with the running store, as described in docs/store.md.
func (p *process) ask(t *testing.T, v *volume, args ...string) (out, said string, err error) {
	t.Helper()
	args = append([]string{args[0], "--address", strings.TrimPrefix(p.adminURL, "https://"), "--server-dir", v.dir}, args[1:]...)
	cmd := exec.CommandContext(t.Context(), binary, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	return stdout.String(), stderr.String(), err
}

// partition returns the person of each event, named by the first event of the person.
func partition(t *testing.T, c *client.Client, r store.ScanRequest) map[string]string {
	t.Helper()
	rows, _, err := storetest.Collect(t.Context(), c, r)
	require.NoError(t, err)
	first, of := map[any]string{}, map[string]string{}
	for _, row := range rows {
		person := row[store.ColumnPerson]
		if first[person] == "" {
			first[person] = row.ID()
		}
		of[row.ID()] = first[person]
	}
	return of
}

// Splits a tablet from its person in a running store and kills the store. The events stay split, also after redelivery and after another log-in on
// the tablet.
func TestSplitSurvivesKill(t *testing.T) {
	v := newVolume(t)
	p := v.start(t)
	c := p.client(t, v, v.keys.AdminKey)
	at := makeEvent("", 0, 10).Time
	happened := func(id string, after int64, ids ...event.Identity) event.Event {
		e := makeEvent(id, 0, 10)
		e.Time, e.Identities = at+after, ids
		return e
	}
	ann, tablet := event.Identity{Type: "customerId", Value: "ann"}, event.Identity{Type: "deviceId", Value: "canary-tablet-1234"}
	events := []event.Event{happened("1", 1, ann, tablet), happened("2", 2, tablet)}
	send := func(events ...event.Event) {
		_, err := c.Append(t.Context(), store.Batch{Source: "shop", Events: events})
		require.NoError(t, err)
	}
	send(events...)
	require.Equal(t, map[string]string{"1": "1", "2": "1"}, partition(t, c, store.ScanRequest{}))
	old := state(t, c)

	out, said, err := p.ask(t, v, "split", "deviceId=canary-tablet-1234")
	require.NoError(t, err, said)
	var parted store.Parted
	require.NoError(t, json.Unmarshal([]byte(out), &parted), out)
	require.Equal(t, store.Parted{
		Pairs: 1, Persons: 2, Identities: 1, Events: 1, VersionBefore: old.IdentityVersion, IdentityVersion: old.IdentityVersion + 1,
	}, parted)
	require.Contains(t, said, "deviceId=canary-tablet-1234 is split from all that it was linked with")
	p.kill()

	p = v.start(t)
	c = p.client(t, v, v.keys.AdminKey)
	want := map[string]string{"1": "1", "2": "2"}
	require.Equal(t, want, partition(t, c, store.ScanRequest{}))
	require.Equal(t, parted.IdentityVersion, state(t, c).IdentityVersion, "the same state has the same version")
	require.Equal(t, map[string]string{"1": "1", "2": "1"}, partition(t, c, store.ScanRequest{IdentityVersion: old.IdentityVersion}))
	send(append(events, happened("3", 3, ann, tablet), happened("4", 4, tablet))...)
	want["3"], want["4"] = "1", "2"
	require.Equal(t, want, partition(t, c, store.ScanRequest{}))

	out, said, err = p.ask(t, v, "split", "--undo", "deviceId=canary-tablet-1234")
	require.NoError(t, err, said)
	require.Contains(t, out, `"persons":1`)
	require.Contains(t, said, "no longer split")
	require.Len(t, partition(t, c, store.ScanRequest{}), 4)
	require.Equal(t, "1", partition(t, c, store.ScanRequest{})["4"])

	out, said, err = p.ask(t, v, "erase", "deviceId=canary-tablet-1234", "--identity-only")
	require.NoError(t, err, said)
	var plan store.ErasurePlan
	require.NoError(t, json.Unmarshal([]byte(out), &plan), out)
	require.Equal(t, "canary-tablet-1234", plan.Identities[0].Value)
	require.EqualValues(t, 2, plan.Events)
	_, said, err = p.ask(t, v, "erase", "deviceId=canary-tablet-1234", "--identity-only", "--confirm", "0123")
	require.Error(t, err)
	require.Contains(t, said, "the confirmed plan is out of date")
	out, said, err = p.ask(t, v, "erase", "deviceId=canary-tablet-1234", "--identity-only", "--confirm", plan.Digest)
	require.NoError(t, err, said)
	var erased store.Receipt
	require.NoError(t, json.Unmarshal([]byte(out), &erased), out)
	require.EqualValues(t, 2, erased.Events)
	require.EqualValues(t, 1, erased.Identities)
	require.Empty(t, found(t, v.data), "a file still has the tablet")
	require.Equal(t, map[string]string{"1": "1", "3": "1"}, partition(t, c, store.ScanRequest{}), "the customer's own events stay")
	require.NoError(t, p.stop(t))
}

// Errors of a split explain what to do.
func TestSplitErrors(t *testing.T) {
	v := newVolume(t)
	p := v.start(t)
	c := p.client(t, v, v.keys.AdminKey)
	_, err := c.Append(t.Context(), makeBatch("x", 2, 10))
	require.NoError(t, err)
	for _, part := range []struct {
		args []string
		want string
	}{
		{[]string{"split"}, "usage: store split [--from TYPE=VALUE | --shared] [--undo] TYPE=VALUE"},
		{[]string{"split", "tablet"}, "write an identity as TYPE=VALUE"},
		{[]string{"split", "customerId=1", "--from", "ann"}, `--from "ann"`},
		{[]string{"split", "customerId=1", "customerId=0"}, "usage"},
		{[]string{"split", "customerId=4711"}, "the store knows no such customerId"},
		{[]string{"split", "customerId=1", "--from", "customerId=1"}, "cannot be split from itself"},
		{[]string{"erase"}, "usage: store erase [--identity-only] [--confirm DIGEST] TYPE=VALUE"},
		{[]string{"erase", "loyaltyId=4711"}, "nothing was erased"},
		{[]string{"erase", "--confirm", "0123", "loyaltyId=4711"}, "knows no such loyaltyId"},
	} {
		_, said, err := p.ask(t, v, part.args...)
		require.Error(t, err, "%v", part.args)
		require.Contains(t, said, part.want, "%v", part.args)
	}
	for want, args := range map[string][]string{
		"no person has changed":       {"split", "customerId=1", "--from", "customerId=0"},
		"anonymousId=a0 links nobody": {"split", "--shared", "anonymousId=a0"},
		"nothing to undo":             {"split", "--undo", "anonymousId=a1"},
	} {
		_, said, err := p.ask(t, v, args...)
		require.NoError(t, err, said)
		require.Contains(t, said, want)
	}
	_, said, err := p.ask(t, v, "split", "customerId=1", "--from", "customerId=0")
	require.NoError(t, err, said)
	require.Contains(t, said, "already")
}
