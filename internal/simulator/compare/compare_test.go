// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/simulator/truth"
	"github.com/journeyman-dev/journeyman/internal/simulator/wire"
	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

func TestDecimalsAreRoundedFractions(t *testing.T) {
	third := big.NewRat(1, 3)
	for _, c := range []struct {
		value   string
		truth   *big.Rat
		unsure  int64
		samples int64
		ok      bool
	}{
		{"0.3333", third, 0, 9, true},
		{"0.33", third, 0, 9, true},
		{"0.3334", third, 0, 9, false},
		{"0.5000", big.NewRat(1, 2), 0, 2, true},
		{"0.0001", big.NewRat(1, 20000), 0, 1, true}, // a half, rounded up
		{"12", big.NewRat(12, 1), 0, 1, true},
		{"-12.5", big.NewRat(-25, 2), 0, 1, true},
		{"", nil, 0, 0, true},
		{"0.0000", nil, 0, 0, false},
		{"", third, 0, 9, false},
		{"x", third, 0, 9, false},
		{"0.3350", third, 1, 600, true}, // one of 600 is uncertain
		{"0.3500", third, 1, 600, false},
	} {
		table := &Table{}
		table.decimal("what", c.value, c.truth, c.unsure, c.samples)
		require.Equal(t, c.ok, table.Wrong() == 0, "%+v", c)
	}
}

func TestCountsMayDifferByUncertainEvents(t *testing.T) {
	table := &Table{}
	table.count("equal", 5, 5, 0)
	table.count("unsure", 5, 6, 1)
	require.Zero(t, table.Wrong())
	require.NotEmpty(t, table.Lines[1].Note)
	table.count("more", 7, 5, 1)
	table.count("less", 3, 5, 1)
	require.Equal(t, 2, table.Wrong())
}

func TestMediansMayDifferBySlowSending(t *testing.T) {
	in := func() *truth.Range { return &truth.Range{From: 95, To: 130} }
	for got, ok := range map[int64]bool{100: true, 101: true, 99: true, 95: true, 130: true, 94: false, 131: false} {
		table := &Table{}
		table.median("m", &got, new(int64(100)), in)
		require.Equal(t, ok, table.Wrong() == 0, got)
	}
	table := &Table{}
	table.median("m", new(int64(102)), new(int64(100)), func() *truth.Range { return nil })
	require.Equal(t, 1, table.Wrong())
}

func sampleMap() v1alpha1.JourneyMap {
	m := v1alpha1.JourneyMap{TypeMeta: metav1.TypeMeta{Kind: "JourneyMap"}, ObjectMeta: metav1.ObjectMeta{Name: "omnichannel-retail"}}
	for _, name := range world.StageNames {
		m.Spec.Stages = append(m.Spec.Stages, v1alpha1.Stage{Name: v1alpha1.ItemName(name)})
	}
	m.Spec.Progression = v1alpha1.Progression{Order: v1alpha1.Ordered, Window: "7d"}
	return m
}

func testWorld(t *testing.T) *world.World {
	t.Helper()
	p := world.Defaults(time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC))
	p.Persons = 50
	w, err := world.New(p)
	require.NoError(t, err)
	return w
}

func TestUnknownMapsAreRefused(t *testing.T) {
	asOf := metav1.NewTime(time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC))
	for words, change := range map[string]func(*v1alpha1.JourneyMap){
		"knows the stages":      func(m *v1alpha1.JourneyMap) { m.Spec.Stages[0].Name = "intrigue" },
		"the order Ordered":     func(m *v1alpha1.JourneyMap) { m.Spec.Progression.Order = v1alpha1.Strict },
		"no results yet":        func(m *v1alpha1.JourneyMap) { m.Status.Trace.Analysis = nil },
		"lookbacks, not ranges": func(m *v1alpha1.JourneyMap) { m.Spec.Analysis = &v1alpha1.Analysis{Range: &v1alpha1.TimeRange{}} },
	} {
		m := sampleMap()
		m.Status.Trace.Analysis = &v1alpha1.AnalysisRecord{}
		m.Status.Summary = &v1alpha1.JourneySummary{Period: &v1alpha1.ResultPeriod{AsOf: &asOf}}
		change(&m)
		require.ErrorContains(t, (&Table{}).Map(&m, testWorld(t)), words)
	}
}

func TestStatusWithoutNumbersDiffers(t *testing.T) {
	m := sampleMap()
	asOf := metav1.NewTime(time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC))
	m.Status.Trace.Analysis = &v1alpha1.AnalysisRecord{}
	m.Status.Summary = &v1alpha1.JourneySummary{Period: &v1alpha1.ResultPeriod{AsOf: &asOf}}
	table := &Table{}
	require.NoError(t, table.Map(&m, testWorld(t)))
	require.Greater(t, table.Wrong(), 7)
}

func TestObjectsInTheOutputOfKubectl(t *testing.T) {
	var o Objects
	require.NoError(t, o.Read(strings.NewReader(`{"kind": "List", "items": [
		{"kind": "JourneyMap", "metadata": {"name": "a"}}, {"kind": "EventStore", "metadata": {"name": "b"}}
	]} {"kind": "TouchpointSource", "metadata": {"name": "c"}} {"kind": "MetricReport", "metadata": {"name": "d"}, "spec": {"journeyMapRef": {"name": "z"}}}`)))
	require.Equal(t, "a", o.Maps[0].Name)
	require.Equal(t, "b", o.Stores[0].Name)
	require.Equal(t, "c", o.Sources[0].Name)
	require.Equal(t, "d", o.Reports[0].Name)
	require.ErrorContains(t, o.Read(strings.NewReader(`{"kind": "Pod"}`)), "Pod")
	o.Maps = nil
	_, err := o.Compare(nil, testWorld(t))
	require.ErrorContains(t, err, "its JourneyMap z must be given")
	_, err = (&Objects{}).Compare(nil)
	require.ErrorContains(t, err, "nothing to compare")
}

func TestCountersOfSources(t *testing.T) {
	sent := wire.Tally{world.Tills: {Events: 100, Again: 5, Uncorrected: 7, UncorrectedUnsure: 2, Rejected: map[string]int64{"bad-amount": 3, "bad-token": 4}}}
	s := &v1alpha1.TouchpointSource{ObjectMeta: metav1.ObjectMeta{Name: "tills"}}
	s.Status.Accepted, s.Status.Rejected, s.Status.UnauthorizedRequests = new(int64(105)), new(int64(3)), 4
	s.Status.Uncorrected = 7
	s.Status.RejectReasons = []v1alpha1.RejectReason{{Reason: "bad-amount", Count: 3}}
	for _, c := range []struct {
		name   string
		change func()
		wrong  int
	}{
		{"as sent", func() {}, 0},
		{"a replay that was young when it was sent", func() { s.Status.Uncorrected = 9 }, 0},
		{"a clock that was corrected and should not", func() { s.Status.Uncorrected = 4 }, 1},
		{"as sent again", func() { s.Status.Uncorrected = 7 }, 0},
		{"a lost answer", func() { *s.Status.Accepted = 106 }, 0},
		{"told to come later", func() {
			*s.Status.Rejected += 2
			s.Status.RejectReasons = append(s.Status.RejectReasons, v1alpha1.RejectReason{Reason: "rate-limited", Count: 2})
		}, 0},
		{"a lost event", func() { *s.Status.Accepted = 104 }, 1},
		{"nobody has asked yet", func() { s.Status.Accepted = nil }, 1},
		{"a wrong reason", func() { s.Status.RejectReasons[0].Reason = "bad-time" }, 2},
	} {
		c.change()
		table := &Table{}
		table.Source(s, sent)
		require.Equal(t, c.wrong, table.Wrong(), "%s: %+v", c.name, table.Lines)
	}
}
