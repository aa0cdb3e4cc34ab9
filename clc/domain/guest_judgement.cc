#include "clc/domain/guest_judgement.h"

namespace angophora::clc {
namespace {

bool is_over(GuestState state) {
  return state == GuestState::terminated || state == GuestState::failed;
}

Judgement advance_with(InstanceEvent event, StateReason reason) {
  return {Verdict::advance, event, std::move(reason)};
}

Judgement judge_current(const Instance& instance, const GuestReport& guest) {
  using S = InstanceState;
  switch (guest.state) {
    case GuestState::staging:
    case GuestState::booting:
    case GuestState::shutting_down:
      return {};
    case GuestState::running:
      if (instance.state != S::pending) return {};
      return advance_with(InstanceEvent::booted, {});
    case GuestState::failed:
      if (instance.state == S::shutting_down) return advance_with(InstanceEvent::destroyed, {});
      return advance_with(InstanceEvent::failed, server_failed(guest.reason));
    case GuestState::terminated:
      if (instance.state == S::shutting_down) return advance_with(InstanceEvent::destroyed, {});
      return advance_with(InstanceEvent::ended, guest_ended_itself());
  }
  return {};
}

}  // namespace

Judgement judge(const Instance* instance, const GuestReport& guest) {
  if (!instance) return {is_over(guest.state) ? Verdict::nothing : Verdict::unknown, {}, {}};
  const bool is_current = guest.placement_no == instance->placement_no &&
                          guest.node == instance->node &&
                          instance->state != InstanceState::terminated;
  if (is_current) return judge_current(*instance, guest);
  // A later placement than ours can only mean that we look at an old row.
  if (is_over(guest.state) || guest.placement_no > instance->placement_no) return {};
  // Before a node is committed nobody was told to run it under this number.
  return {Verdict::destroy, {}, {}};
}

StateReason user_ended_it() {
  return {"Client.UserInitiatedShutdown", "Client.UserInitiatedShutdown: User initiated shutdown"};
}

StateReason guest_ended_itself() {
  return {"Client.InstanceInitiatedShutdown",
          "Client.InstanceInitiatedShutdown: Instance initiated shutdown"};
}

StateReason server_failed(const std::string& why) {
  return {"Server.InternalError",
          "Server.InternalError: " + (why.empty() ? "Internal error on launch" : why)};
}

StateReason no_room(const std::string& why) {
  return {"Server.InsufficientInstanceCapacity",
          "Server.InsufficientInstanceCapacity: " +
              (why.empty() ? "There is not enough capacity to launch the instance" : why)};
}

}  // namespace angophora::clc
