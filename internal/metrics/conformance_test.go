// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// The files of funnel cases that are run. Other files ask for things that the API does not have yet.
var conformanceFiles = []string{
	"ph-funnel-ordered", "ph-funnel-strict", "ph-funnel-unordered", "ph-funnel-udf", "rt-funnel", "pl-funnel", "mp-funnel",
	"ch-window-funnel",
}

// TestConformance runs the cases that were taken from other products' own tests, as far as the fields of the API can
// say what they ask. A case that is run has to agree in all that it asserts and that a status tells.
func TestConformance(t *testing.T) {
	root := os.Getenv("JOURNEYMAN_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	ran, total, reasons := 0, 0, map[string]int{}
	for _, name := range conformanceFiles {
		b, err := os.ReadFile(filepath.Join(root, "conformance", name+".json"))
		if errors.Is(err, fs.ErrNotExist) {
			t.Skipf("no shared inputs: %s is absent (set JOURNEYMAN_SHARED)", filepath.Join(root, "conformance", name+".json"))
		}
		require.NoError(t, err)
		var cases []funnelCase
		require.NoError(t, json.Unmarshal(b, &cases))
		for _, c := range cases {
			total++
			spec, exclude, err := c.spec()
			if err != nil {
				reasons[err.Error()]++
				continue
			}
			ran++
			t.Run(c.ID, func(t *testing.T) { c.run(t, spec, exclude) })
		}
	}
	t.Logf("%d cases, %d run, not expressible: %v", total, ran, reasons)
	require.Positive(t, ran)
}

// funnelCase is one case; the README beside the files explains the fields.
type funnelCase struct {
	ID     string `json:"id"`
	Quirk  string `json:"quirk"`
	Events []struct {
		Person     string         `json:"person"`
		Event      string         `json:"event"`
		Time       time.Time      `json:"time"`
		Properties map[string]any `json:"properties"`
	} `json:"events"`
	Query struct {
		Steps      []caseStep      `json:"steps"`
		Order      string          `json:"order"`
		Window     string          `json:"window"`
		From       *time.Time      `json:"from"`
		To         *time.Time      `json:"to"`
		Filters    []caseFilter    `json:"filters"`
		Exclusions json.RawMessage `json:"exclusions"`
		CountBy    string          `json:"count_by"`
		Breakdown  json.RawMessage `json:"breakdown"`
		Entry      string          `json:"entry"`
		GraceS     *float64        `json:"grace_s"`
		Modes      []string        `json:"modes"`
	} `json:"query"`
	Expected struct {
		Steps []struct {
			Count      *int64   `json:"count"`
			Median     *float64 `json:"median_time_to_next_s"`
			Conversion *float64 `json:"conversion_from_previous"`
		} `json:"steps"`
		Reached       map[string][]string `json:"reached"`
		Dropped       map[string][]string `json:"dropped"`
		DroppedCounts map[string]int64    `json:"dropped_counts"`
		Depth         map[string]int      `json:"depth"`
	} `json:"expected"`
}

type caseStep struct {
	Event     *string      `json:"event"`
	Filters   []caseFilter `json:"filters"`
	AnyOf     []caseStep   `json:"any_of"`
	FirstTime bool         `json:"first_time_for_user"`
	Optional  bool         `json:"optional"`
}

type caseFilter struct {
	Key   string          `json:"key"`
	Op    string          `json:"op"`
	Value any             `json:"value"`
	Scope string          `json:"scope"`
	AllOf json.RawMessage `json:"all_of"`
	AnyOf json.RawMessage `json:"any_of"`
}

// spec says the case in the words of the API, or why that is not possible.
func (c *funnelCase) spec() (*v1alpha1.JourneyMapSpec, []v1alpha1.EventCondition, error) {
	q := &c.Query
	switch {
	case q.Exclusions != nil:
		return nil, nil, errors.New("exclusions")
	case q.CountBy != "" && q.CountBy != "person":
		return nil, nil, errors.New("count_by")
	case q.Breakdown != nil:
		return nil, nil, errors.New("breakdown")
	case q.GraceS != nil:
		return nil, nil, errors.New("grace_s")
	case len(q.Modes) > 0 && !slices.Equal(q.Modes, []string{"strict_once"}):
		return nil, nil, errors.New("modes")
	case strings.Contains(c.Quirk, "without strict_once"):
		return nil, nil, errors.New("one event in several stages of an attempt")
	case len(q.Steps) < 2:
		return nil, nil, errors.New("a single step")
	}
	order := map[string]v1alpha1.ProgressionOrder{
		"ordered": v1alpha1.Ordered, "strict": v1alpha1.Strict, "any": v1alpha1.AnyOrder,
	}[q.Order]
	entry := map[string]v1alpha1.EntryPolicy{"": v1alpha1.BestEntry, "best": v1alpha1.BestEntry, "first": v1alpha1.FirstEntry}[q.Entry]
	window, err := apiWindow(q.Window)
	if err != nil {
		return nil, nil, err
	}
	spec := &v1alpha1.JourneyMapSpec{Progression: v1alpha1.Progression{
		Order: order, Window: window, Entry: entry, Ties: v1alpha1.EitherOrder, Conversions: v1alpha1.ConversionsInRange,
	}}
	for i, s := range q.Steps {
		matches, err := s.matches()
		if err != nil {
			return nil, nil, err
		}
		name := v1alpha1.ItemName(fmt.Sprint("step-", i))
		spec.Stages = append(spec.Stages, v1alpha1.Stage{
			Name: name, Optional: &s.Optional, Touchpoints: []v1alpha1.Touchpoint{{Name: name, Match: matches}},
		})
	}
	exclude, err := negated(q.Filters)
	if err != nil {
		return nil, nil, err
	}
	spec.Analysis, err = c.analysis()
	return spec, exclude, err
}

// analysis gives the range of the case. Instants of the API are whole seconds, the end not included.
func (c *funnelCase) analysis() (*v1alpha1.Analysis, error) {
	from, to := time.Date(1971, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	if c.Query.From != nil {
		from = *c.Query.From
	}
	if c.Query.To != nil {
		to = c.Query.To.Add(time.Microsecond)
	}
	if !from.Truncate(time.Second).Equal(from) {
		return nil, errors.New("range not in whole seconds")
	}
	if end := to.Truncate(time.Second); !end.Equal(to) {
		to = end.Add(time.Second)
		for _, e := range c.Events {
			if e.Time.After(*c.Query.To) && e.Time.Before(to) {
				return nil, errors.New("range not in whole seconds")
			}
		}
	}
	asOf := stamp(to.AddDate(20, 0, 0))
	return &v1alpha1.Analysis{AsOf: asOf, Range: &v1alpha1.TimeRange{From: *stamp(from), To: *stamp(to)}}, nil
}

// apiWindow turns an ISO 8601 duration of one unit into one of the API.
func apiWindow(iso string) (v1alpha1.Duration, error) {
	for _, form := range []struct{ format, unit string }{{"P%dD", "d"}, {"PT%dH", "h"}, {"PT%dM", "m"}, {"PT%dS", "s"}} {
		var n int
		if _, err := fmt.Sscanf(iso, form.format, &n); err == nil && fmt.Sprintf(form.format, n) == iso {
			return v1alpha1.Duration(strconv.Itoa(n) + form.unit), nil
		}
	}
	return "", errors.New("window " + iso)
}

func (s *caseStep) matches() ([]v1alpha1.EventMatch, error) {
	if s.FirstTime {
		return nil, errors.New("first_time_for_user")
	}
	alternatives := s.AnyOf
	if len(alternatives) == 0 {
		alternatives = []caseStep{{Event: s.Event}}
	}
	var out []v1alpha1.EventMatch
	for _, a := range alternatives {
		if a.Event == nil {
			return nil, errors.New("any event")
		}
		where, err := conditionsOf(append(append([]caseFilter(nil), a.Filters...), s.Filters...))
		if err != nil {
			return nil, err
		}
		out = append(out, v1alpha1.EventMatch{Event: *a.Event, Where: where})
	}
	return out, nil
}

var operators = map[string]v1alpha1.ConditionOperator{
	"eq": v1alpha1.In, "ne": v1alpha1.NotIn, "is_set": v1alpha1.Exists, "is_not_set": v1alpha1.DoesNotExist,
	"contains": v1alpha1.Contains, "gt": v1alpha1.GreaterThan, "lt": v1alpha1.LessThan,
}

func conditionsOf(filters []caseFilter) ([]v1alpha1.EventCondition, error) {
	return translate(filters, operators)
}

// negated gives exclude rules for filters that all events have to pass.
func negated(filters []caseFilter) ([]v1alpha1.EventCondition, error) {
	return translate(filters, map[string]v1alpha1.ConditionOperator{
		"eq": v1alpha1.NotIn, "ne": v1alpha1.In, "is_set": v1alpha1.DoesNotExist, "is_not_set": v1alpha1.Exists,
		"not_contains": v1alpha1.Contains,
	})
}

func translate(filters []caseFilter, operators map[string]v1alpha1.ConditionOperator) ([]v1alpha1.EventCondition, error) {
	var out []v1alpha1.EventCondition
	for _, f := range filters {
		op, ok := operators[f.Op]
		switch {
		case f.AllOf != nil || f.AnyOf != nil:
			return nil, errors.New("nested filters")
		case f.Scope != "" && f.Scope != "event":
			return nil, errors.New("filters on the person")
		case !ok:
			return nil, errors.New("filter " + f.Op)
		}
		c := v1alpha1.EventCondition{Key: "properties." + f.Key, Operator: op}
		switch v := f.Value.(type) {
		case nil:
		case []any:
			for _, x := range v {
				c.Values = append(c.Values, fmt.Sprint(x))
			}
		default:
			c.Values = []string{fmt.Sprint(v)}
		}
		if op == v1alpha1.Exists || op == v1alpha1.DoesNotExist {
			c.Values = nil
		}
		out = append(out, c)
	}
	return out, nil
}

// run compares all that the case asserts. Who reached a stage is found out by analysing each person alone.
func (c *funnelCase) run(t *testing.T, spec *v1alpha1.JourneyMapSpec, exclude []v1alpha1.EventCondition) {
	people := map[string]int{}
	var all []testEvent
	for i, e := range c.Events {
		if _, ok := people[e.Person]; !ok {
			people[e.Person] = len(people)
		}
		properties, err := json.Marshal(e.Properties)
		require.NoError(t, err)
		all = append(all, testEvent{
			person: uint64(people[e.Person]), time: e.Time, index: i, name: e.Event, properties: string(properties),
		})
	}
	whole := analyseRows(t, spec, exclude, all)
	counts := reachedCounts(whole)
	alone := map[string][]int64{}
	for name, number := range people {
		var own []testEvent
		for _, e := range all {
			if e.person == uint64(number) {
				own = append(own, e)
			}
		}
		alone[name] = reachedCounts(analyseRows(t, spec, exclude, own))
	}
	for i, want := range c.Expected.Steps {
		if want.Count != nil {
			require.Equal(t, *want.Count, counts[i], "count of step %d", i)
		}
		if want.Median != nil && whole.Stages[i].MedianTimeToNext != nil {
			require.InDelta(t, *want.Median, *whole.Stages[i].MedianTimeToNext, 0.5, "median of step %d", i)
		}
		if want.Conversion != nil && i > 0 && counts[i-1] > 0 {
			dropOff, err := strconv.ParseFloat(string(whole.Stages[i-1].DropOff), 64)
			require.NoError(t, err)
			require.InDelta(t, *want.Conversion, 1-dropOff, 0.0001, "conversion of step %d", i)
		}
	}
	for name, want := range c.Expected.Depth {
		depth := 0
		for depth < len(alone[name]) && alone[name][depth] > 0 {
			depth++
		}
		require.Equal(t, want, depth, "depth of %s", name)
	}
	for n, want := range c.Expected.Reached {
		require.ElementsMatch(t, want, who(t, alone, n, false), "who reached %s", n)
	}
	for n, want := range c.Expected.Dropped {
		require.ElementsMatch(t, want, who(t, alone, n, true), "who was lost before %s", n)
	}
	for n, want := range c.Expected.DroppedCounts {
		require.Len(t, who(t, alone, n, true), int(want), "how many were lost before %s", n)
	}
}

// reachedCounts gives the number of customers by stage, or by depth in the order Any.
func reachedCounts(s *v1alpha1.JourneyMapStatus) []int64 {
	var out []int64
	for _, d := range s.Depth {
		out = append(out, d.Customers)
	}
	if out == nil {
		for _, r := range s.Stages {
			out = append(out, r.Entered)
		}
	}
	return out
}

// who lists the persons who reached step n, or those who were lost just before it.
func who(t *testing.T, alone map[string][]int64, n string, lost bool) []string {
	k, err := strconv.Atoi(n)
	require.NoError(t, err)
	names := []string{}
	for name, counts := range alone {
		before := int64(math.MaxInt64)
		if k > 1 {
			before = counts[k-2]
		}
		if reached := counts[k-1] > 0; reached != lost && (!lost || before > 0) {
			names = append(names, name)
		}
	}
	return names
}
