// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package clickhouse

import (
	"fmt"
	"strings"

	"github.com/journeyman-dev/journeyman/hack/bench/funnel/world"
)

// from returns the source of person, time and event: the table or, in a world with identities, a subquery that removes redelivered events and joins
// the person of each identity, as a data pipeline would.
func (e *Engine) from() string {
	if !e.World.Identities {
		return e.source()
	}
	// ANY LEFT JOIN returns one match for each row in all versions. The meaning of ANY INNER JOIN changed between versions.
	return fmt.Sprintf(`(SELECT person, time, event FROM (SELECT any(anchor) AS anchor, any(time) AS time, any(event) AS event FROM %s GROUP BY id)
		ANY LEFT JOIN %s USING anchor)`, e.source(), e.table("people"))
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

func (e *Engine) funnel() string {
	var conditions []string
	for _, name := range world.Names[:world.Stages] {
		conditions = append(conditions, fmt.Sprintf("event = '%s'", name))
	}
	return fmt.Sprintf("SELECT level, count() FROM (SELECT person, windowFunnel(%d)(time, %s) AS level FROM %s GROUP BY person) GROUP BY level FORMAT TSV",
		world.Window, strings.Join(conditions, ", "), e.from())
}

// retention keeps the days of a person as bits. This was the fastest of the alternatives: groupUniqArray of the days takes 50 % longer, and the
// function retention is for one cohort and does not find the first time.
func (e *Engine) retention() string {
	day := fmt.Sprintf("toUInt8(intDiv(toUInt32(time) - %d, %d))", world.Begin, world.Day)
	return fmt.Sprintf(`SELECT first, toInt64(round(log2(bit))) - first AS later, count() FROM (
		SELECT first, arrayJoin(bitmaskToArray(seen)) AS bit FROM (
			SELECT person, min(%[1]s) AS first, groupBitOr(bitShiftLeft(toUInt64(1), %[1]s)) AS seen FROM %[2]s GROUP BY person))
		GROUP BY first, later FORMAT TSV`, day, e.from())
}

// paths builds two arrays for each person. From these it computes where sessions start, the last event of each run of one name, the number of its
// session, and its position in the session.
func (e *Engine) paths() string {
	return fmt.Sprintf(`SELECT position - 1 AS step, source, target, count() AS sessions, sum(took) AS seconds FROM (
		SELECT person, arrayEnumerateUniq(visit_session) AS positions, visit_event AS targets,
			arrayPushFront(arrayPopBack(visit_event), '') AS sources,
			arrayMap((t, p) -> toInt64(t) - toInt64(p), visit_time, arrayPushFront(arrayPopBack(visit_time), toDateTime(0))) AS tooks
		FROM (
			SELECT person, arrayFilter((e, l) -> l, es, last) AS visit_event, arrayFilter((t, l) -> l, ts, last) AS visit_time,
				arrayFilter((s, l) -> l, session, last) AS visit_session
			FROM (
				SELECT person, ts, es, arrayCumSum(begins) AS session,
					arrayPushBack(arrayPopFront(arrayMap((b, e, p) -> b OR e != p, begins, es, arrayPushFront(arrayPopBack(es), ''))), 1) AS last
				FROM (
					SELECT person, ts, es,
						arrayMap((t, p) -> toInt64(t) - toInt64(p) >= %d, ts, arrayPushFront(arrayPopBack(ts), toDateTime(0))) AS begins
					FROM (
						SELECT person, arraySort(times) AS ts, arraySort((e, t) -> t, events, times) AS es
						FROM (SELECT person, groupArray(time) AS times, groupArray(event) AS events FROM %s GROUP BY person)))))
	) ARRAY JOIN positions AS position, sources AS source, targets AS target, tooks AS took
	WHERE position BETWEEN 2 AND %d GROUP BY position, source, target ORDER BY sessions DESC, step, source, target LIMIT %d FORMAT TSV`,
		world.PathGap, e.from(), world.PathSteps, world.PathEdges)
}
