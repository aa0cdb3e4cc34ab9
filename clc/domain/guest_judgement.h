// What a report about a guest, or its absence from one, means for the instance. Pure: the
// reconcilers carry it out.
#pragma once

#include "clc/domain/instance.h"
#include "clc/domain/zone_report.h"

namespace angophora::clc {

enum class Verdict {
  nothing,
  advance,  // move the instance along its life cycle with `event`
  destroy,  // this guest must not exist: its instance ended, or lives under a later placement
  unknown,  // nobody knows this instance
};

struct Judgement {
  Verdict verdict = Verdict::nothing;
  InstanceEvent event = InstanceEvent::booted;
  StateReason reason;
};

// `instance` is what the database says, or null.
Judgement judge(const Instance* instance, const GuestReport& guest);

StateReason user_ended_it();
StateReason guest_ended_itself();
StateReason server_failed(const std::string& why);
StateReason no_room(const std::string& why);

}  // namespace angophora::clc
