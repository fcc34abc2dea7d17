// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mqtt

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The examples of section 4.7 of the standard, and some more.
func TestTopicsMatchLikeInTheStandard(t *testing.T) {
	for filter, c := range map[string]struct{ yes, no []string }{
		"sport/tennis/player1/#": {
			yes: []string{"sport/tennis/player1", "sport/tennis/player1/ranking", "sport/tennis/player1/score/wimbledon"}, no: []string{"sport/tennis/player2", "sport/tennis"},
		},
		"sport/#":        {yes: []string{"sport", "sport/a"}, no: []string{"sports"}},
		"#":              {yes: []string{"a", "/", "a/b/c"}, no: []string{"$SYS/broker"}},
		"sport/tennis/+": {yes: []string{"sport/tennis/player1", "sport/tennis/"}, no: []string{"sport/tennis", "sport/tennis/player1/ranking"}},
		"sport/+":        {yes: []string{"sport/"}, no: []string{"sport"}},
		"+/+":            {yes: []string{"/finance"}, no: []string{"finance", "$SYS/broker"}},
		"/+":             {yes: []string{"/finance"}, no: []string{"finance"}},
		"+":              {yes: []string{"finance"}, no: []string{"/finance"}},
		"$SYS/#":         {yes: []string{"$SYS/broker/uptime"}, no: []string{"SYS/broker"}},
		"+/tennis/#":     {yes: []string{"a/tennis", "a/tennis/b"}, no: []string{"a/b/tennis"}},
		"a/b":            {yes: []string{"a/b"}, no: []string{"a/b/", "a", "A/b"}},
	} {
		for _, topic := range c.yes {
			require.True(t, matches(filter, topic), "%s %s", filter, topic)
		}
		for _, topic := range c.no {
			require.False(t, matches(filter, topic), "%s %s", filter, topic)
		}
	}
}
