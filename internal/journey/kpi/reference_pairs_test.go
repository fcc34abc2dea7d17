// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kpi

import (
	"slices"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/journeytest"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// withKey groups the rows of a person by the property k. Without a key, all rows are one group. rest are the rows without the property.
func withKey(rows []journey.Row, key string) (groups [][]journey.Row, rest []journey.Row) {
	if key == "" {
		return [][]journey.Row{rows}, nil
	}
	for _, value := range []string{"x", "y"} {
		var group []journey.Row
		for _, r := range rows {
			if strings.Contains(r.Properties, `"k":"`+value+`"`) {
				group = append(group, r)
			}
		}
		groups = append(groups, group)
	}
	for _, r := range rows {
		if !strings.Contains(r.Properties, `"k":`) {
			rest = append(rest, r)
		}
	}
	return groups, rest
}

// refTimeBetween computes the time from A to the next event of a name, or to any event, for up to two days. It starts early enough that all earlier
// pairs have ended before the first one that can count.
func refTimeBetween(s Statistic, key, closes string, byEnd bool) func(q *refAsk) refNumber {
	const within = 2 * journeytest.Daily
	return func(q *refAsk) refNumber {
		var list []int64
		leftOut, start := int64(0), q.from-within
		if byEnd {
			start -= within
		}
		for _, rows := range q.persons() {
			groups, rest := withKey(rows, key)
			for _, r := range rest {
				if q.inPeriod(&r, "A") {
					leftOut++
				}
			}
			for _, group := range groups {
				for at := 0; at < len(group); {
					opened := group[at].Time
					if group[at].Name != "A" || opened < start {
						at++
						continue
					}
					closed := at + 1
					for closed < len(group) && closes != "" && group[closed].Name != closes && group[closed].Time <= opened+within {
						closed++
					}
					answered := closed < len(group) && group[closed].Time <= opened+within
					over := opened + within + 1
					if answered {
						over = group[closed].Time
					}
					switch {
					case byEnd && (over < q.from || over >= q.to):
					case !byEnd && (opened < q.from || opened >= q.to || opened+within > q.asOf):
					case answered:
						list = append(list, group[closed].Time-opened)
					default:
						leftOut++
					}
					at = closed
				}
			}
		}
		return refNumber{value: refStatistic(s, list), unit: metric.UnitSeconds, samples: int64(len(list)), leftOut: leftOut, interval: refTimes(s, list)}
	}
}

// refEventShare computes the share of persons, or of values of a key, with A who have B.
func refEventShare(key string, within int64, without bool) func(q *refAsk) refNumber {
	return func(q *refAsk) refNumber {
		var whole, part, leftOut int64
		for _, rows := range q.persons() {
			groups, rest := withKey(rows, key)
			for _, r := range rest {
				if q.inPeriod(&r, "A") {
					leftOut++
				}
			}
			for _, group := range groups {
				first := slices.IndexFunc(group, func(r journey.Row) bool { return q.inPeriod(&r, "A") })
				if first < 0 || within > 0 && group[first].Time+within > q.asOf {
					continue
				}
				whole++
				has := active(group, "B", q.from, q.to)
				if within > 0 {
					has = active(group, "B", group[first].Time, group[first].Time+within+1)
				}
				if has != without {
					part++
				}
			}
		}
		return refNumber{value: refRat(part, whole), digits: 4, unit: metric.UnitRatio, samples: whole, leftOut: leftOut, interval: refWilson(part, whole)}
	}
}

// refSessions computes the share of sessions with a page that end with it. Without a page, it computes the share of sessions with one event.
func refSessions(page string, gap int64, activity ...string) func(q *refAsk) refNumber {
	return func(q *refAsk) refNumber {
		var whole, part int64
		for _, rows := range q.persons() {
			rows = slices.DeleteFunc(slices.Clone(rows), func(r journey.Row) bool { return !slices.Contains(activity, r.Name) })
			for i := range rows {
				if i > 0 && rows[i].Time < rows[i-1].Time+gap || !q.inPeriod(&rows[i]) {
					continue // does not start a session of the period
				}
				end := i + 1
				for end < len(rows) && rows[end].Time < rows[end-1].Time+gap {
					end++
				}
				hasPage := slices.ContainsFunc(rows[i:end], func(r journey.Row) bool { return r.Name == page })
				if rows[end-1].Time+gap > q.asOf+1 || page != "" && !hasPage {
					continue // can continue after asOf, or is not needed
				}
				whole++
				if page == "" && end == i+1 || page != "" && rows[end-1].Name == page {
					part++
				}
			}
		}
		return refNumber{value: refRat(part, whole), digits: 4, unit: metric.UnitRatio, samples: whole, interval: refWilson(part, whole)}
	}
}
