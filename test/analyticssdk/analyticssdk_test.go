// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package analyticssdk sends events with the unmodified SDKs of PostHog, Mixpanel, Amplitude, RudderStack and Jitsu to an ingestion process, and compares
// what is stored with what the SDK is asked to send.
package analyticssdk

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/ingest/eventid"
	"github.com/journeyman-dev/journeyman/test/rig/sdk"
)

const writeKey = "sdk-write-key"

// at is the time of the order, and what else send.cjs dates.
var at = time.Date(2026, 11, 21, 10, 14, 57, 0, time.UTC)

var ref = v1alpha1.SecretKeyReference{Name: "keys"}

// run is what an SDK sends, and what is expected in the store.
type run struct {
	transport v1alpha1.Transport
	// key is writeKey if it is empty.
	key string
	// events as line writes them, sorted.
	events []string
	// dropped documents are technical.
	dropped int64
	// withoutID is the number of events that have neither an id nor a time.
	withoutID int64
	// dated are the names of the events whose time is at.
	dated []string
}

var runs = map[string]run{
	"posthog": {
		transport: v1alpha1.Transport{PostHog: &v1alpha1.PostHogTransport{SecretRef: ref}},
		events: []string{
			`Identified; customerId user-1, email ana@example.test; traits {"email":"Ana@example.test","first":"news"}`,
			`Identities Merged; customerId user-1, anonymousId kiosk`,
			`Order Completed; customerId user-1, anonymousId visitor; 129900000 EUR o-1; items; groups {"club":"gold"}`,
			`Page Viewed; anonymousId visitor`,
		},
		dropped: 2, // the group without a person, and the question for a flag
		dated:   []string{"Order Completed"},
	},
	"mixpanel": {
		transport: v1alpha1.Transport{Mixpanel: &v1alpha1.MixpanelTransport{SecretRef: ref}},
		events: []string{
			`Coupon Used of m-4; customerId user-1`,
			`Identified; customerId user-1, email ana@example.test; traits {"tier":"gold","email":"Ana@example.test"}`,
			`Order Completed of m-2; customerId user-1, anonymousId visitor; 129900000 EUR o-1; items`,
			`Product Viewed of m-1; anonymousId visitor`,
			`Store Visited of m-3; customerId user-1`,
		},
		dropped: 3, withoutID: 1, // a session, a counter and a group; the properties of the person
		dated: []string{"Order Completed", "Store Visited", "Coupon Used"},
	},
	"amplitude": {
		transport: v1alpha1.Transport{Amplitude: &v1alpha1.AmplitudeTransport{SecretRef: ref}},
		events: []string{
			`Identified of a-3; customerId user-1, email ana@example.test, anonymousId visitor; traits {"email":"Ana@example.test","first":"news"}`,
			`Identified of a-4; customerId user-1, anonymousId visitor; traits {"club":"gold"}; groups {"club":"gold"}`,
			`Order Completed of a-2; customerId user-1, anonymousId visitor; 129900000 EUR o-1; items`,
			`Product Viewed of a-1; anonymousId visitor`,
			`revenue_amount of a-6; customerId user-1, anonymousId visitor; 25100000 EUR `,
		},
		dropped: 1, // the group
		dated:   []string{"Order Completed"},
	},
	"rudderstack": {
		transport: v1alpha1.Transport{Segment: &v1alpha1.SegmentTransport{SecretRef: ref}},
		events: []string{
			`Group Joined r-5; customerId user-1; groups {"group":"gold"}`,
			`Identified r-3; customerId user-1, email ana@example.test; traits {"email":"Ana@example.test","tier":"gold"}`,
			`Identities Merged r-4; customerId user-1, anonymousId kiosk`,
			`Order Completed r-2; customerId user-1, anonymousId visitor; 129900000 EUR o-1; items`,
			`Page Viewed r-1; anonymousId visitor`,
		},
		dated: []string{"Order Completed"},
	},
	"jitsu": {
		transport: v1alpha1.Transport{Segment: &v1alpha1.SegmentTransport{SecretRef: ref}},
		key:       "key-id:key-secret",
		events: []string{
			`Group Joined; customerId user-1, anonymousId visitor; groups {"group":"gold"}`,
			`Identified; customerId user-1, email ana@example.test, anonymousId visitor; traits {"email":"Ana@example.test","tier":"gold"}`,
			`Order Completed; customerId user-1, email ana@example.test, anonymousId visitor; 129900000 EUR o-1; items; traits {"email":"Ana@example.test","tier":"gold"}`,
			`Page Viewed; anonymousId visitor`,
		},
	},
}

func TestUnmodifiedSDKs(t *testing.T) {
	dir := sdk.Install(t, "send.cjs")
	for name, r := range runs {
		t.Run(name, func(t *testing.T) { r.check(t, dir, name) })
	}
}

func (r *run) check(t *testing.T, dir, name string) {
	key := r.key
	if key == "" {
		key = writeKey
	}
	ingest := sdk.Start(t, v1alpha1.TouchpointSourceSpec{Channel: "web", Transport: r.transport}, key)
	var said struct{ Errors []string }
	sdk.Node(t, dir, &said, "send.cjs", name, ingest.URL, key)
	require.Empty(t, said.Errors, "the SDK reports no event as failed")
	ingest.Stop()

	var got []string
	for _, e := range ingest.Store.Events() {
		got = append(got, line(&e))
		if slices.Contains(r.dated, e.Name) {
			// A protocol with a time of sending moves the time by what the request took.
			require.WithinDuration(t, at, time.UnixMicro(e.Time), sdk.Patience, e.Name)
		}
	}
	slices.Sort(got)
	require.Equal(t, r.events, got)
	state, err := ingest.Store.State(t.Context())
	require.NoError(t, err)
	require.Len(t, state.Sources, 1)
	c := state.Sources[0].Counters
	require.Equal(t, int64(len(r.events)), c.Accepted)
	require.Equal(t, r.dropped, c.Dropped)
	require.Equal(t, r.withoutID, c.WithoutID)
	require.Empty(t, c.Rejected)
}

// insertIDs are the ids that send.cjs chooses, by the hash that each becomes: it is unique within the name, the person and the day with Mixpanel, and within
// the device with Amplitude.
var insertIDs = map[string]string{
	eventid.Within("m-1", []string{"Product Viewed", "$device:visitor", ""}):   "m-1", // It has no time, so no day.
	eventid.Within("m-2", []string{"Order Completed", "user-1", "2026-11-21"}): "m-2",
	eventid.Within("m-3", []string{"Store Visited", "user-1", "2026-11-21"}):   "m-3",
	eventid.Within("m-4", []string{"Coupon Used", "user-1", "2026-11-21"}):     "m-4",
	eventid.Within("a-1", []string{"device", "visitor"}):                       "a-1",
	eventid.Within("a-2", []string{"device", "visitor"}):                       "a-2",
	eventid.Within("a-3", []string{"device", "visitor"}):                       "a-3",
	eventid.Within("a-4", []string{"device", "visitor"}):                       "a-4",
	eventid.Within("a-6", []string{"device", "visitor"}):                       "a-6",
}

// line describes an event. Ids that the SDK chose are left out.
func line(e *event.Event) string {
	var out strings.Builder
	out.WriteString(e.Name)
	if strings.Contains(e.ID, "-") && len(e.ID) < 8 {
		out.WriteString(" " + e.ID)
	}
	if strings.HasPrefix(e.ID, "id:") {
		out.WriteString(" of " + insertIDs[e.ID])
	}
	var people []string
	for _, i := range e.Identities {
		people = append(people, i.Type+" "+i.Value)
	}
	out.WriteString("; " + strings.Join(people, ", "))
	if e.Currency != "" {
		fmt.Fprintf(&out, "; %d %s %s", e.Amount, e.Currency, e.OrderID)
	}
	if string(e.Items) == `[{"sku":"TEE-M","quantity":2}]` {
		out.WriteString("; items")
	}
	if e.Name != "Group Joined" && len(e.Traits) > 0 {
		out.WriteString("; traits " + string(e.Traits))
	}
	if len(e.Groups) > 0 {
		out.WriteString("; groups " + string(e.Groups))
	}
	return out.String()
}
