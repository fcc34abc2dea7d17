// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mqtt

import "strings"

// matches reports whether a filter has a topic.
func matches(filter, topic string) bool {
	// Wildcards at the beginning leave out the topics of the broker itself.
	if strings.HasPrefix(topic, "$") && !strings.HasPrefix(filter, "$") {
		return false
	}
	for {
		level, filters, moreFilters := strings.Cut(filter, "/")
		if level == "#" {
			return true
		}
		name, names, moreNames := strings.Cut(topic, "/")
		if level != "+" && level != name {
			return false
		}
		switch {
		case !moreFilters && !moreNames:
			return true
		case moreFilters && !moreNames:
			return filters == "#" // It also has the level above.
		case !moreFilters:
			return false
		}
		filter, topic = filters, names
	}
}
