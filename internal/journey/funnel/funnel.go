// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package funnel

import (
	"math/bits"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
	"github.com/journeyman-dev/journeyman/internal/journey/progression"
)

// Funnel sums up the attempts that count: the best mature attempt of each customer, and separately the best young one.
type Funnel struct {
	// Customers is the number of customers with a mature attempt, Converted the number of those who reached the goal.
	Customers, Converted int64
	// Stages in the order of the map.
	Stages []StageSums
	// Depth[k-1] is the number of customers whose attempt has at least k stages.
	Depth []int64
	// DepthNext[k-1] holds, in the order Any, the times from the k-th stage reached to the next.
	DepthNext []number.Durations
	// Personas in the order of the map; the last entry is "other".
	Personas []PersonaSums
	// YoungEntered is the number of customers with a young attempt, YoungConverted the number of those who have already reached the goal.
	YoungEntered, YoungConverted int64
	// goal is the last required stage.
	goal     int
	anyOrder bool
}

// StageSums are the sums of one stage. Entered = Converted + Dropped(), always.
type StageSums struct {
	// Name of the stage.
	Name string
	// Entered is the number of customers whose attempt reached the stage.
	Entered int64
	// Converted is the number of those who continued to a later stage. For the last stage, and for every stage in the order Any, it equals Entered.
	Converted int64
	// Next holds the times to the next stage reached.
	Next number.Durations
	// Reach is the number of customers with any event of the stage, regardless of earlier stages.
	Reach int64
	// First is the number of those without an event of an earlier stage of the map.
	First int64
	// byChannel counts the customers by the channel of the event that entered the stage, numbered by channels; nil for a lean funnel.
	byChannel []channelCount
	channels  *journey.Texts
}

// ChannelSums are the customers who entered a stage through one channel.
type ChannelSums struct {
	// Channel by name.
	Channel string
	// Entered through the channel, and Converted: the number of those who continued.
	Entered, Converted int64
}

type channelCount struct{ entered, converted int64 }

// PersonaSums are the customers of one persona.
type PersonaSums struct {
	// Name of the persona.
	Name string
	// Customers of the persona, and Converted: the number of those who reached the goal.
	Customers, Converted int64
}

// New returns an empty funnel of a map. personas are its personas in order; channels numbers the channels of events.
func New(m *journey.Map, p *progression.Progression, personas []string, channels *journey.Texts) *Funnel {
	f := &Funnel{
		Depth: make([]int64, len(m.Stages)), DepthNext: make([]number.Durations, len(m.Stages)),
		goal: p.Goal(), anyOrder: p.Policy().Order == journey.AnyOrder,
	}
	for _, s := range m.Stages {
		f.Stages = append(f.Stages, StageSums{Name: s.Name, channels: channels})
	}
	for _, name := range personas {
		f.Personas = append(f.Personas, PersonaSums{Name: name})
	}
	f.Personas = append(f.Personas, PersonaSums{Name: journey.OtherName})
	return f
}

// maxLeanDurations replaces MaxExactDurations in a lean funnel.
const maxLeanDurations = 4_000

// NewLean returns a funnel for one of many groups: it has no channels and personas, and its medians are exact for fewer customers.
func NewLean(m *journey.Map, p *progression.Progression) *Funnel {
	f := New(m, p, nil, nil)
	for i := range f.Stages {
		f.Stages[i].Next.Most = maxLeanDurations
		f.DepthNext[i].Most = maxLeanDurations
	}
	return f
}

// Dropped returns the number of customers who did not continue.
func (s *StageSums) Dropped() int64 { return s.Entered - s.Converted }

// Add adds a mature attempt that counts, with the events that it was found in.
func (f *Funnel) Add(events []journey.Event, a *journey.Attempt, converted bool, persona int) {
	f.Customers++
	f.Personas[persona].Customers++
	if converted {
		f.Converted++
		f.Personas[persona].Converted++
	}
	for k := range a.Depth() {
		f.Depth[k]++
	}
	if f.anyOrder {
		f.addDepthTimes(events, a)
	}
	for s := range f.Stages {
		if a.Has(s) {
			f.addStage(s, events, a)
		}
	}
}

// addDepthTimes adds the times between the stages in the order in which they were reached.
func (f *Funnel) addDepthTimes(events []journey.Event, a *journey.Attempt) {
	before, ok := a.Nth(0)
	for k := 1; ok && k < a.Depth(); k++ {
		next, _ := a.Nth(k)
		f.DepthNext[k-1].Add(events[next].Time - events[before].Time)
		before = next
	}
}

func (f *Funnel) addStage(s int, events []journey.Event, a *journey.Attempt) {
	stage := &f.Stages[s]
	entering := &events[a.Event[s]]
	later := a.Stages >> (s + 1)
	wentOn := later != 0 || s == len(f.Stages)-1 || f.anyOrder
	stage.Entered++
	if wentOn {
		stage.Converted++
	}
	if stage.channels != nil {
		stage.addChannel(entering.Channel, 1, wentOnce(wentOn))
	}
	if later != 0 && !f.anyOrder {
		next := s + 1 + bits.TrailingZeros32(later)
		stage.Next.Add(events[a.Event[next]].Time - entering.Time)
	}
}

func wentOnce(on bool) int64 {
	if on {
		return 1
	}
	return 0
}

func (s *StageSums) addChannel(number uint32, entered, converted int64) {
	for int(number) >= len(s.byChannel) {
		s.byChannel = append(s.byChannel, channelCount{})
	}
	s.byChannel[number].entered += entered
	s.byChannel[number].converted += converted
}

// AddReach adds the set of stages in which the person has any event.
func (f *Funnel) AddReach(stages uint32) {
	if stages != 0 {
		f.Stages[bits.TrailingZeros32(stages)].First++
	}
	for ; stages != 0; stages &= stages - 1 {
		f.Stages[bits.TrailingZeros32(stages)].Reach++
	}
}

// leastApart is the number of customers from which it cannot be chance that none of them has an earlier stage.
const leastApart = 10

// Apart returns the first stage with enough customers of whom none has an event of an earlier stage, or nil. Its source may identify people
// differently from the others.
func (f *Funnel) Apart() *StageSums {
	earlier := int64(0)
	for i := range f.Stages {
		s := &f.Stages[i]
		if earlier > 0 && s.Reach >= leastApart && s.First == s.Reach && !f.anyOrder {
			return s
		}
		earlier += s.Reach
	}
	return nil
}

// AddYoung adds the young attempt that counts of a person.
func (f *Funnel) AddYoung(converted bool) {
	f.YoungEntered++
	if converted {
		f.YoungConverted++
	}
}

// Merge adds the sums over other persons.
func (f *Funnel) Merge(other *Funnel) {
	f.Customers += other.Customers
	f.Converted += other.Converted
	f.YoungEntered += other.YoungEntered
	f.YoungConverted += other.YoungConverted
	for i := range f.Depth {
		f.Depth[i] += other.Depth[i]
		f.DepthNext[i].Merge(&other.DepthNext[i])
	}
	for i := range f.Personas {
		f.Personas[i].Customers += other.Personas[i].Customers
		f.Personas[i].Converted += other.Personas[i].Converted
	}
	for i := range f.Stages {
		f.Stages[i].merge(&other.Stages[i])
	}
}

func (s *StageSums) merge(other *StageSums) {
	s.Entered += other.Entered
	s.Converted += other.Converted
	s.Reach += other.Reach
	s.First += other.First
	s.Next.Merge(&other.Next)
	for number, o := range other.byChannel {
		if o.entered > 0 {
			s.addChannel(s.channels.Number(other.channels.Text(uint32(number))), o.entered, o.converted)
		}
	}
}
