// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rfm

// Segment is a named group of customers.
type Segment string

// The segments.
const (
	Champions      Segment = "champions"
	Loyal          Segment = "loyal"
	PotentialLoyal Segment = "potential-loyal"
	NewCustomers   Segment = "new-customers"
	Promising      Segment = "promising"
	NeedAttention  Segment = "need-attention"
	AboutToSleep   Segment = "about-to-sleep"
	AtRisk         Segment = "at-risk"
	CannotLose     Segment = "cannot-lose"
	Hibernating    Segment = "hibernating"
)

// table gives the segment by recency (rows, 1 to 5) and by the mean of frequency and monetary value, halves rounded up (columns, 1 to 5):
//
//	        1                2                3                4            5
//	1       hibernating      hibernating      at-risk          at-risk      cannot-lose
//	2       hibernating      hibernating      at-risk          at-risk      cannot-lose
//	3       about-to-sleep   about-to-sleep   need-attention   loyal        loyal
//	4       promising        potential-loyal  potential-loyal  loyal        loyal
//	5       new-customers    potential-loyal  potential-loyal  champions    champions
var table = [5][5]Segment{
	{Hibernating, Hibernating, AtRisk, AtRisk, CannotLose},
	{Hibernating, Hibernating, AtRisk, AtRisk, CannotLose},
	{AboutToSleep, AboutToSleep, NeedAttention, Loyal, Loyal},
	{Promising, PotentialLoyal, PotentialLoyal, Loyal, Loyal},
	{NewCustomers, PotentialLoyal, PotentialLoyal, Champions, Champions},
}

// Names returns all segments, best first.
func Names() []Segment {
	return []Segment{
		Champions, Loyal, PotentialLoyal, NewCustomers, Promising, NeedAttention, AboutToSleep, AtRisk, CannotLose, Hibernating,
	}
}

// Segment returns the segment of a score. Every valid score has one. It is empty for a score that is not from 1 to 5.
func (s Score) Segment() Segment {
	for _, v := range []int{s.Recency, s.Frequency, s.Monetary} {
		if v < 1 || v > 5 {
			return ""
		}
	}
	return table[s.Recency-1][(s.Frequency+s.Monetary+1)/2-1]
}

// Group is the size of a segment.
type Group struct {
	Segment   Segment
	Customers int64
}

// Segments counts the customers of each segment, best first, including empty ones. It returns nil for an empty set.
func (c *Customers) Segments() []Group {
	scorer, ok := c.Scorer()
	if !ok {
		return nil
	}
	sizes := map[Segment]int64{}
	for _, e := range c.list() {
		sizes[scorer.Score(e.Key).Segment()] += int64(e.Value)
	}
	var groups []Group
	for _, name := range Names() {
		groups = append(groups, Group{name, sizes[name]})
	}
	return groups
}
