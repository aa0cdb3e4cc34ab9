#include "walrus/lifecycle/judgement.h"

#include <optional>

namespace angophora::walrus {
namespace {

using Act = LifecycleWish::Act;

// A delete marker has neither tags nor size: rules that ask for them are not about it.
bool is_about(const LifecycleRule& rule, const Object& object) {
  if (!object.delete_marker) return rule.is_about(object);
  return rule.is_about_key(object.key) && rule.tags.empty() && !rule.above_bytes &&
         !rule.below_bytes;
}

// Of several moves that are due the latest counts.
void choose_class(const std::vector<LifecycleRule::Transition>& moves, const LifecycleClock& clock,
                  common::SysTime since, common::SysTime now, int newer_noncurrent,
                  std::optional<common::SysTime>& latest, LifecycleWish& wish) {
  for (const auto& move : moves) {
    const auto due = clock.due(since, move.when);
    if (due > now || newer_noncurrent < move.newer_kept || (latest && *latest >= due)) continue;
    latest = due;
    wish.storage_class = move.storage_class;
  }
}

bool expires(const LifecycleRule& rule, const LifecycleClock& clock, const Object& object,
             const VersionsAround& around, common::SysTime now) {
  if (!object.delete_marker)
    return rule.expiration && clock.due(object.changed, *rule.expiration) <= now;
  // A marker goes once it hides nothing: at once, or when its own time has come.
  if (!around.is_only_version) return false;
  if (rule.removes_lone_markers) return true;
  return rule.expiration && clock.due(object.changed, *rule.expiration) <= now;
}

bool noncurrent_expires(const LifecycleRule& rule, const LifecycleClock& clock,
                        const Object& object, const VersionsAround& around, common::SysTime now) {
  return rule.noncurrent_days && around.newer_noncurrent >= rule.newer_kept &&
         clock.after(object.superseded, *rule.noncurrent_days) <= now;
}

}  // namespace

LifecycleWish judge_version(const std::vector<LifecycleRule>& rules, const LifecycleClock& clock,
                            const Object& object, const VersionsAround& around,
                            common::SysTime now) {
  LifecycleWish wish;
  std::optional<common::SysTime> latest;
  for (const auto& rule : rules) {
    if (!rule.enabled || !is_about(rule, object)) continue;
    if (object.is_latest) {
      if (expires(rule, clock, object, around, now))
        return {object.delete_marker ? Act::remove_version : Act::expire, {}};
      choose_class(rule.transitions, clock, object.changed, now, 0, latest, wish);
      continue;
    }
    if (noncurrent_expires(rule, clock, object, around, now)) return {Act::remove_version, {}};
    choose_class(rule.noncurrent_transitions, clock, object.superseded, now,
                 around.newer_noncurrent, latest, wish);
  }
  if (object.delete_marker || wish.storage_class == object.storage_class)
    wish.storage_class.clear();
  return wish;
}

bool is_upload_overdue(const std::vector<LifecycleRule>& rules, const LifecycleClock& clock,
                       const Upload& upload, common::SysTime now) {
  for (const auto& rule : rules)
    if (rule.enabled && rule.abort_days && rule.is_about_key(upload.key) &&
        clock.after(upload.begun, *rule.abort_days) <= now)
      return true;
  return false;
}

}  // namespace angophora::walrus
