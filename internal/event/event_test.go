// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package event_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// A refund decreases the revenue, whichever sign the sender uses.
func TestNormalizeAmount(t *testing.T) {
	for name, tt := range map[string]struct {
		event  string
		amount int64
		want   int64
	}{
		"written as paid back": {event.Refunded, 30, 30},
		"written as a loss":    {event.Refunded, -30, 30},
		"nothing":              {event.Refunded, 0, 0},
		"the smallest number":  {event.Refunded, math.MinInt64, math.MaxInt64},
		"the largest number":   {event.Refunded, math.MaxInt64, math.MaxInt64},
		"another event":        {"Order Completed", -30, -30},
	} {
		t.Run(name, func(t *testing.T) {
			e := event.Event{Name: tt.event, Amount: tt.amount}
			e.NormalizeAmount()
			require.Equal(t, tt.want, e.Amount)
		})
	}
}

// The stronger type comes first. Unknown types rank between deviceId and anonymousId.
func TestOrderOfIdentities(t *testing.T) {
	ordered := []event.Identity{
		{Type: "customerId", Value: "a"}, {Type: "customerId", Value: "b"}, {Type: "loyaltyId", Value: "x"}, {Type: "email", Value: "x"},
		{Type: "phone", Value: "x"}, {Type: "deviceId", Value: "x"}, {Type: "cardId", Value: "z"}, {Type: "tillId", Value: "a"}, {Type: "anonymousId", Value: "x"},
	}
	rapid.Check(t, func(t *rapid.T) {
		e := event.Event{ID: "1", Source: "s", Identities: rapid.Permutation(append(ordered, ordered[:3]...)).Draw(t, "given")}
		require.Equal(t, ordered[0], e.Strongest())
		require.Equal(t, ordered[0].Anchor(), e.Anchor(), "the order in which they come does not matter")
		e.Normalize()
		require.Equal(t, ordered, e.Identities, "sorted, without repeats")
	})
}

// The anchor of an event without identities is unique to the event.
func TestAnchorWithoutIdentities(t *testing.T) {
	anchors := map[event.Anchor]bool{}
	for _, e := range []event.Event{{Source: "a", ID: "b"}, {Source: "a", ID: "c"}, {Source: "b", ID: "b"}, {Source: "ab"}} {
		anchors[e.Anchor()] = true
	}
	anchors[event.Identity{Type: "a", Value: "b"}.Anchor()] = true
	require.Len(t, anchors, 5)
	e := event.Event{Source: "a", ID: "b"}
	require.Equal(t, event.KeyOf("a", "b"), e.Key())
	require.NotEqual(t, event.KeyOf("a", "b"), event.KeyOf("ab", ""))
}

func TestClassOf(t *testing.T) {
	e := event.Event{Source: "shop", Channel: "web", Name: "Seen", Kind: event.Track, Initiator: event.Customer, Time: 5, ReceivedAt: 5 + 3_600_000_000}
	c := event.ClassOf(&e)
	require.Equal(t, event.Class{Source: "shop", Channel: "web", Name: "Seen"}, c, "an hour is not late")
	require.Equal(t, event.TallyKey{Source: "shop", Name: "Seen", Customer: true}, c.TallyKey())
	e.ReceivedAt++
	require.True(t, new(event.ClassOf(&e)).Late)
	for flags, flagged := range map[event.Flags]bool{
		0: false, event.FlagTest: true, event.FlagBot: true, event.FlagTest | event.FlagBot: true,
		event.FlagFuture: false, event.FlagOwn: false, event.FlagUnidentified: false,
	} {
		c.Flags = flags
		require.Equal(t, flagged, c.Flagged(), "flags %d", flags)
		require.Equal(t, flags == event.FlagUnidentified, c.Unidentified(), "flags %d", flags)
	}
	for kind := event.Track; kind <= event.System; kind++ {
		for initiator := event.Customer; initiator <= event.Machine; initiator++ {
			c := event.Class{Kind: kind, Initiator: initiator}
			require.Equal(t, kind == event.Track && initiator == event.Customer, c.Customer())
		}
	}
}

func drawClass(t *rapid.T) event.Class {
	text := rapid.StringMatching(`[a-zA-Zäß€😀"\\\n ]{0,6}`)
	return event.Class{
		Source: text.Draw(t, "source"), Channel: text.Draw(t, "channel"), Name: text.Draw(t, "name"),
		Kind: event.Kind(rapid.Byte().Draw(t, "kind")), Initiator: event.Initiator(rapid.Byte().Draw(t, "initiator")),
		Flags: event.Flags(rapid.Byte().Draw(t, "flags")), Late: rapid.Bool().Draw(t, "late"),
	}
}

// Classes are equal if their texts are equal.
func TestClassText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := event.NewClassTexts()
		bytes := map[string]int{}
		for range rapid.IntRange(1, 10).Draw(t, "classes") {
			c := drawClass(t)
			text := texts.Text(&c)
			require.Equal(t, c.String(), text)
			back, err := event.ParseClass(text)
			require.NoError(t, err)
			require.Equal(t, c, back)
			bytes[text] = len(text)
			sum := 0
			for _, n := range bytes {
				sum += n
			}
			require.Equal(t, sum, texts.Bytes, "each text once")
		}
	})
	late := event.Class{Source: "s", Channel: "c", Name: "n", Kind: event.Alias, Initiator: event.Machine, Flags: event.FlagBot, Late: true}
	require.Equal(t, `["s","c","n",2,2,2,1]`, late.String())
	for text, want := range map[string]string{
		``: "unexpected end", `{}`: "cannot unmarshal", `["s","c","n",2,2,2]`: "6 fields instead of 7", `["s","c","n",2,2,2,1,1]`: "8 fields instead of 7",
		`["s","c","n",2,2,2,"1"]`: "cannot unmarshal", `["s","c","n",256,2,2,1]`: "cannot unmarshal", `[1,"c","n",2,2,2,1]`: "cannot unmarshal",
	} {
		c, err := event.ParseClass(text)
		require.ErrorContains(t, err, want, text)
		require.ErrorContains(t, err, "is not a class of events")
		require.Zero(t, c)
	}
}

// FuzzParseClass: each text is refused, or it is a class whose own text reads as the same class.
func FuzzParseClass(f *testing.F) {
	f.Add((&event.Class{Source: "s", Channel: "c", Name: "n", Kind: event.Alias, Flags: event.FlagBot, Late: true}).String())
	f.Add(`["",null,"n",0,0,0,2]`)
	f.Add(strings.Repeat("[", 20_000))
	f.Fuzz(func(t *testing.T, text string) {
		c, err := event.ParseClass(text)
		if err != nil {
			require.Zero(t, c)
			return
		}
		again, err := event.ParseClass(c.String())
		require.NoError(t, err)
		require.Equal(t, c, again)
	})
}
