// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journeytest

import (
	"math/rand/v2"

	"github.com/journeyman-dev/journeyman/internal/journey"
)

// ManyRows returns n rows of 20,000 persons over thirty days: a fifth of them match a stage, and a tenth are matched by their properties.
func ManyRows(n int) []journey.Row {
	random := rand.New(rand.NewPCG(1, 2))
	const persons, month = 20_000, 30 * 24 * 3600
	names := []string{"See", "Want", "Buy", "Search", "Scroll", "Click", "Open", "Close", "Hover", "Play"}
	channels := []string{"web", "mobile", "store"}
	rows := make([]journey.Row, n)
	for i := range rows {
		at := int64(i%(n/persons))*month*Second/int64(n/persons) + random.Int64N(1000)*Second
		rows[i] = journey.Row{
			Person: uint64(i / (n / persons)), Time: at, ReceivedAt: at + Second, Seq: int64(i), Source: "shop",
			Channel: channels[random.IntN(3)], Name: names[random.IntN(len(names))], Properties: `{"page":"/a/b","value":12,"ok":true}`,
		}
	}
	return InOrder(rows)
}
