// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

// An identifier that has too many public links, and that nothing else joins to anybody, is a hub and no person. How many there are is counted
// where an identifier changes what that depends on, its flags and its two lists, so that nobody walks all of them to tell.

// loneHub tells, as a number to count with, whether the identifier is such a one.
func (t *Table) loneHub(i int32) int64 {
	n := &t.nodes[i]
	if n.flags&(flagHub|flagPublicHub|flagGone) == flagPublicHub && n.next == i && n.nextCore == i {
		return 1
	}
	return 0
}

func (t *Table) setFlags(i int32, flags uint8) {
	t.loneHubs -= t.loneHub(i)
	t.nodes[i].flags = flags
	t.loneHubs += t.loneHub(i)
}

// setNext sets the next member of the identifier's core.
func (t *Table) setNext(i, next int32) {
	t.loneHubs -= t.loneHub(i)
	t.nodes[i].next = next
	t.loneHubs += t.loneHub(i)
}

// setNextCore sets the next core of the person of the core i.
func (t *Table) setNextCore(i, next int32) {
	t.loneHubs -= t.loneHub(i)
	t.nodes[i].nextCore = next
	t.loneHubs += t.loneHub(i)
}
