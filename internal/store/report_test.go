// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/store"
)

func TestBoardKeepsTheNewestOfEachPod(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	b := store.NewBoard(func() time.Time { return now })
	missing := []store.MissingSecret{{For: store.SecretForSenders, Name: "web-key", Key: "journeyman-secret", Problem: "it is missing"}}
	report := func(r store.Report) { require.NoError(t, b.Report(t.Context(), r)) }

	require.Empty(t, b.List())
	report(store.Report{Source: "web", Pod: "b", Missing: missing})
	report(store.Report{Source: "web", Pod: "a", Missing: missing})
	report(store.Report{Source: "tills", Pod: "a"})
	report(store.Report{Source: "web", Pod: "a"})
	require.Equal(t, []store.Report{
		{Source: "tills", Pod: "a"}, {Source: "web", Pod: "a"}, {Source: "web", Pod: "b", Missing: missing},
	}, b.List())

	now = now.Add(store.ReportTTL - time.Second)
	report(store.Report{Source: "web", Pod: "b"})
	require.Len(t, b.List(), 3, "all of them still hold")
	now = now.Add(time.Second)
	require.Equal(t, []store.Report{{Source: "web", Pod: "b"}}, b.List(), "those that were not repeated hold no more")

	report(store.Report{Source: "web", Pod: "b", Leaving: true})
	report(store.Report{Source: "web", Pod: "never-seen", Leaving: true})
	require.Empty(t, b.List())
}

func TestBoardIsBounded(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	b := store.NewBoard(func() time.Time { return now })
	for i := range store.MaxReports {
		require.NoError(t, b.Report(t.Context(), store.Report{Source: "web", Pod: fmt.Sprint(i)}))
	}
	require.ErrorIs(t, b.Report(t.Context(), store.Report{Source: "web", Pod: "more"}), store.ErrUnavailable)
	require.NoError(t, b.Report(t.Context(), store.Report{Source: "web", Pod: "7"}), "who is known is heard")
	now = now.Add(store.ReportTTL)
	require.NoError(t, b.Report(t.Context(), store.Report{Source: "web", Pod: "more"}), "room comes back")
	require.Len(t, b.List(), 1)
}

func TestReportIsValidated(t *testing.T) {
	long := strings.Repeat("x", 513)
	for name, r := range map[string]store.Report{
		"no source":             {Pod: "a"},
		"no pod":                {Source: "web"},
		"a long pod":            {Source: "web", Pod: long},
		"a long problem":        {Source: "web", Pod: "a", Missing: []store.MissingSecret{{Problem: long}}},
		"too many Secrets":      {Source: "web", Pod: "a", Missing: make([]store.MissingSecret, 9)},
		"removal without a pod": {Leaving: true},
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorIs(t, store.NewBoard(time.Now).Report(t.Context(), r), store.ErrInvalid)
		})
	}
}
