// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package world

import "time"

// persona is a kind of customer: their trait, and how far they tend to go.
type persona struct {
	// segment is the trait by which the sample map recognises them; empty for customers who fit no persona.
	segment string
	weight  float64
	// every is the median time between two attempts.
	every time.Duration
	// pass is the probability of continuing after each stage, and pace the median time until the next.
	pass [stageCount - 1]float64
	pace [stageCount - 1]time.Duration
	// basket is the median of an order in cents; promoter is the probability of answering 9 or 10.
	basket   int64
	promoter float64
	// inStore is the probability of buying at a till, mobile that of using the phone.
	inStore, mobile float64
}

// Other is the name of the persona of customers who fit no persona.
const Other = "other"

// PersonaOf returns the persona of the sample map for the trait segment.
func PersonaOf(segment string) string {
	if name, ok := personaNames[segment]; ok {
		return name
	}
	return Other
}

var personaNames = map[string]string{"discount": "bargain-hunter", "member": "loyal-regular", "project": "big-project"}

var personas = []persona{
	{
		segment: "discount", weight: 4, every: 22 * day,
		pass:   [...]float64{0.62, 0.48, 0.42, 0.30},
		pace:   [...]time.Duration{20 * time.Minute, 20 * time.Hour, 9 * time.Hour, 30 * time.Hour},
		basket: 2400, promoter: 0.35, inStore: 0.25, mobile: 0.6,
	},
	{
		segment: "member", weight: 3, every: 18 * day,
		pass:   [...]float64{0.78, 0.66, 0.71, 0.55},
		pace:   [...]time.Duration{45 * time.Minute, 14 * time.Hour, 5 * time.Hour, 24 * time.Hour},
		basket: 5600, promoter: 0.62, inStore: 0.45, mobile: 0.45,
	},
	{
		segment: "project", weight: 1.5, every: 35 * day,
		pass:   [...]float64{0.71, 0.52, 0.38, 0.44},
		pace:   [...]time.Duration{3 * time.Hour, 2 * day, 30 * time.Hour, 36 * time.Hour},
		basket: 31000, promoter: 0.48, inStore: 0.55, mobile: 0.2,
	},
	{
		weight: 1.5, every: 28 * day,
		pass:   [...]float64{0.55, 0.40, 0.35, 0.20},
		pace:   [...]time.Duration{30 * time.Minute, 20 * time.Hour, 8 * time.Hour, 30 * time.Hour},
		basket: 3300, promoter: 0.40, inStore: 0.3, mobile: 0.5,
	},
}
