// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package duckdb

import (
	"fmt"
	"strings"

	"github.com/journeyman-dev/journeyman/hack/bench/funnel/duckdb/duck"
	"github.com/journeyman-dev/journeyman/hack/bench/funnel/world"
)

// from returns the source of person, time and event: the file or, in a world with identities, a subquery that removes redelivered events and joins
// the person of each identity.
func (e *Engine) from() string {
	if !e.World.Identities {
		return fmt.Sprintf("SELECT who AS person, time, event FROM read_parquet(%s)", duck.Quote(e.file("plain")))
	}
	return fmt.Sprintf(`SELECT p.id >> 10 AS person, r.time, r.event FROM (SELECT any_value(who) AS who, any_value(time) AS time, any_value(event) AS event
		FROM read_parquet(%s) GROUP BY id) r JOIN read_parquet(%s) p ON p.who = r.who`, duck.Quote(e.file("raw")), duck.Quote(e.file("people")))
}

func (e *Engine) sql(question int) string {
	switch question {
	case world.FunnelQuestion:
		return e.funnel()
	case world.RetentionQuestion:
		return e.retention()
	default:
		return e.paths()
	}
}

// funnel finds, for each entry, the earliest time at which each further stage can be reached: the next event of the second stage, the next event of
// the third stage after that, and so on. A column "x_y" is the earliest y after the next x. Each level is one pass of window functions.
func (e *Engine) funnel() string {
	var quoted []string
	for _, name := range world.Names[:world.Stages] {
		quoted = append(quoted, duck.Quote(name))
	}
	next := func(stage int, of string) string {
		return fmt.Sprintf("min(CASE WHEN s = %d THEN %s END) OVER later", stage, of)
	}
	const later = "WINDOW later AS (PARTITION BY person ORDER BY time ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)"
	level := func(name, from string, columns ...string) string {
		return fmt.Sprintf("%s AS (SELECT *, %s FROM %s %s)", name, strings.Join(columns, ", "), from, later)
	}
	list := strings.Join(quoted, ", ")
	return strings.Join([]string{
		fmt.Sprintf("WITH base AS (SELECT person, time, list_position([%s], event) AS s FROM (%s) WHERE event IN (%s))", list, e.from(), list),
		level("one", "base", next(2, "time")+" AS b", next(3, "time")+" AS c", next(4, "time")+" AS d", next(5, "time")+" AS e"),
		level("two", "one", next(2, "c")+" AS bc", next(3, "d")+" AS cd", next(4, "e")+" AS de"),
		level("three", "two", next(2, "cd")+" AS bcd", next(3, "de")+" AS cde"),
		level("four", "three", next(2, "cde")+" AS bcde"),
		fmt.Sprintf(`level AS (SELECT person, max(1 + coalesce(b <= time + %[1]d, false)::INT + coalesce(bc <= time + %[1]d, false)::INT
			+ coalesce(bcd <= time + %[1]d, false)::INT + coalesce(bcde <= time + %[1]d, false)::INT) AS l FROM four WHERE s = 1 GROUP BY person)
			SELECT l::BIGINT, count(*)::BIGINT FROM level GROUP BY l`, world.Window),
	}, ",\n")
}

// retention keeps the days of a person as bits.
func (e *Engine) retention() string {
	return fmt.Sprintf(`WITH person AS (SELECT min(day) AS first, bit_or(1::BIGINT << day) AS seen
			FROM (SELECT person, (time - %d) // %d AS day FROM (%s)) GROUP BY person)
		SELECT first::BIGINT, (d.day - first)::BIGINT, count(*)::BIGINT FROM person, range(%d) d(day) WHERE (seen >> d.day) & 1 = 1 GROUP BY ALL`,
		world.Begin, world.Day, e.from(), world.Cohorts)
}

// paths compares neighbouring events to find where sessions start, and the last event of each run of one name. It numbers the sessions, and then the
// positions in them.
func (e *Engine) paths() string {
	return fmt.Sprintf(`WITH near AS (SELECT person, time, event,
			coalesce(time - lag(time) OVER line >= %[1]d, true) AS begins,
			coalesce(lead(time) OVER line - time >= %[1]d OR lead(event) OVER line != event, true) AS last
			FROM (%[2]s) WINDOW line AS (PARTITION BY person ORDER BY time)),
		sessions AS (SELECT *, sum(begins::INT) OVER (PARTITION BY person ORDER BY time ROWS UNBOUNDED PRECEDING) AS session FROM near),
		visits AS (SELECT row_number() OVER visit AS position, event AS target, lag(event) OVER visit AS source, time - lag(time) OVER visit AS took
			FROM sessions WHERE last WINDOW visit AS (PARTITION BY person, session ORDER BY time))
		SELECT (position - 1)::BIGINT AS step, source, target, count(*)::BIGINT AS sessions, sum(took)::BIGINT
			FROM visits WHERE position BETWEEN 2 AND %[3]d GROUP BY position, source, target ORDER BY sessions DESC, step, source, target LIMIT %[4]d`,
		world.PathGap, e.from(), world.PathSteps, world.PathEdges)
}
