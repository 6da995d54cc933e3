package core

import "github.com/stretchr/testify/require"

// noteTrial: while the tenure of one suspect may be on record as tried alone, no
// other suspect is taken. Ports that contradict themselves list tenures that they
// have definitely refused or ended: those ghosts are nobody's trial.
func (w *chaos) noteTrial(r TakeRequest) {
	if !r.Trial {
		return
	}
	if e := w.machine.find(w.tried.Ref); e != nil && w.tried.Trial && r.Ref != w.tried.Ref {
		mayBeTaken := e.token == w.tried.Token && !e.ghost && (e.phase == taking || e.phase == held || e.phase == settling)
		require.False(w.t, mayBeTaken, "%v is tried beside %v", r.Ref, w.tried.Ref)
	}
	require.Zero(w.t, r.Suspect, "%v is tried, and was known to be a suspect", r.Ref)
	w.tried = r
}

// noteAcquired: the tenure before is over. Ports that contradict themselves may
// give its token to the next.
func (w *chaos) noteAcquired(ref StreamRef) {
	if ref == w.tried.Ref {
		w.tried = TakeRequest{}
	}
}

// noteTrialStood: a repeat without Trial was granted.
func (w *chaos) noteTrialStood(r TakeRequest) {
	if !r.Trial && r.Token == w.tried.Token && r.Ref == w.tried.Ref {
		w.tried = TakeRequest{}
	}
}

func (w *chaos) takeErr(r TakeRequest) error {
	if w.deadly && r.Suspect > 0 {
		return ErrSuspect
	}
	return w.err()
}
