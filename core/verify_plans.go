package core

// verifyPlans: everything that comes again and again has its next time, or
// waits for the answer to a call.
func (m *Machine) verifyPlans() error {
	if c := m.closing; c != nil {
		if c.alarm.position == 0 {
			return unsound("nothing bounds the closing")
		}
		if c.leaving {
			return nil
		}
	}
	for _, plan := range []struct {
		what string
		made bool
	}{
		{"the next heartbeat", m.fleet.alarm.position > 0},
		{"the next page of the sweep", m.sweepGoesOn()},
		{"the end of a Fetch's pause", !m.fetch.pausing || m.fetch.alarm.position > 0},
		{"a look at what a Fetch was given", m.readBackGoesOn()},
		{"the next page of the source's audit", !m.sourceAudit.running || m.underWay[callDeliveries] > 0},
		{"the next page of the session's audit", m.leaseAuditGoesOn()},
		{"the next page of a search", m.searchesGoOn()},
		{"room for who waits for a Fetch's", m.roomless.len() == 0 || m.reserved > 0},
		{"a fresh view for who waits for one", m.doubtful.len() == 0 || m.stale()},
	} {
		if !plan.made {
			return unsound("nothing will bring %s", plan.what)
		}
	}
	return nil
}

func (m *Machine) sweepGoesOn() bool {
	return !m.joined || m.closing != nil || m.sweep.alarm.position > 0 || m.underWay[callSweep] > 0 ||
		m.config.NoNotifier && !m.roomBesidesFetch() || m.config.Ablation.NoSweep
}

func (m *Machine) readBackGoesOn() bool {
	if m.underWay[callDeliveries] > 0 || m.fetch.pausing {
		return true
	}
	second := m.readBack.second
	return !m.readBack.wanted && (len(second) == 0 || m.closing != nil || m.readBack.alarm.position > 0)
}

func (m *Machine) leaseAuditGoesOn() bool {
	g := m.session
	if g == nil || !g.audit.running {
		return true
	}
	for _, c := range m.calls {
		if c.kind == callLeases && len(c.grants) > 0 && c.grants[0] == g {
			return true
		}
	}
	return false
}

func (m *Machine) searchesGoOn() bool {
	for _, s := range m.searches {
		if s.call == 0 && !s.resume && s.alarm.position == 0 {
			return false
		}
	}
	return true
}

// verifyTrials: one suspect at most is tried, and the others' turn comes.
func (m *Machine) verifyTrials() error {
	tried := m.trials.tried
	switch {
	case tried == nil && m.trials.suspects.len() > 0:
		return unsound("suspects wait, and none is tried")
	case tried != nil && (m.find(tried.ref) != tried || !tried.suspect):
		return unsound("%q is tried, and is no suspect", tried.ref)
	case m.trials.stood && tried == nil:
		return unsound("a trial was stood, and nobody is tried")
	}
	return nil
}
