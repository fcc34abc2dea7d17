// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"fmt"
	"strconv"
	"strings"
)

// Queries that an SQL engine runs one after the other: the funnel and, with more, retention and paths. A result consists of lines of values,
// separated by tabs.
const (
	FunnelQuestion = iota
	RetentionQuestion
	PathsQuestion
	questions
)

// QuestionsOf returns the number of queries of a row.
func QuestionsOf(more bool) int {
	if more {
		return questions
	}
	return 1
}

// Read parses the result of a query.
func (a *Answer) Read(question int, text string) error {
	for l := range strings.Lines(text) {
		values := strings.Split(strings.TrimSuffix(l, "\n"), "\t")
		var err error
		switch question {
		case FunnelQuestion:
			err = a.level(values)
		case RetentionQuestion:
			err = a.kept(values)
		default:
			err = a.edge(values)
		}
		if err != nil {
			return fmt.Errorf("%q: %w", l, err)
		}
	}
	if question == PathsQuestion {
		a.Edges = Shown(a.Edges)
	}
	return nil
}

// numbers parses integers.
func numbers(values []string, want int) ([]int64, error) {
	if len(values) != want {
		return nil, fmt.Errorf("%d values are expected", want)
	}
	out := make([]int64, want)
	var err error
	for i, v := range values {
		if out[i], err = strconv.ParseInt(v, 10, 64); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// level parses a depth and its number of persons.
func (a *Answer) level(values []string) error {
	n, err := numbers(values, 2)
	if err != nil || n[0] < 0 || n[0] > Stages {
		return fmt.Errorf("no depth and number: %w", err)
	}
	for k := range n[0] {
		a.Reached[k] += n[1]
	}
	return nil
}

// kept parses the first day, the number of days since, and the number of persons.
func (a *Answer) kept(values []string) error {
	n, err := numbers(values, 3)
	if err != nil || min(n[0], n[1]) < 0 || max(n[0], n[1]) >= Cohorts {
		return fmt.Errorf("no days and number: %w", err)
	}
	a.Kept[n[0]][n[1]] += n[2]
	return nil
}

// edge parses step, source, target, sessions, and the sum of their seconds.
func (a *Answer) edge(values []string) error {
	if len(values) != 5 {
		return fmt.Errorf("no edge")
	}
	n, err := numbers([]string{values[0], values[3], values[4]}, 3)
	if err != nil || n[1] == 0 {
		return fmt.Errorf("no edge: %w", err)
	}
	a.Edges = append(a.Edges, Edge{Step: int(n[0]), Source: values[1], Target: values[2], Sessions: n[1], Average: Average(n[2], n[1])})
	return nil
}
