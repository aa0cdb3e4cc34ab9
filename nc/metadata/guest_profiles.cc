#include "nc/metadata/guest_profiles.h"

#include "common/log/log.h"

namespace angophora::nc {
namespace {

using common::Task;

constexpr std::chrono::seconds kAskAgain{10};
constexpr std::chrono::seconds kTryAgain{3};
constexpr std::chrono::hours kRenewBefore{1};
constexpr std::chrono::hours kUnusedMax{1};
const std::string kIam = "meta-data/iam/";

std::string time_text(common::SysTime time) {
  return common::format_iso8601(time).substr(0, 19) + "Z";
}

// As EC2 writes it; values are names, numbers and base64.
std::string document(const std::vector<std::pair<const char*, std::string>>& members) {
  std::string text = "{";
  for (const auto& [name, value] : members) {
    text.append(text.size() == 1 ? "\n  \"" : ",\n  \"").append(name).append("\" : \"");
    text.append(value).append("\"");
  }
  return text + "\n}";
}

}  // namespace

Task<GuestProfiles::Leaves> GuestProfiles::leaves_of(InstanceSpec spec) {
  if (!source_) co_return Leaves();
  const auto id = spec.id;
  const auto now = runtime_.steady_now();
  forget_old(now);
  auto& known = known_[id];
  known.used_at = now;
  const bool may_wait = known.answered && known.asking;
  if (now >= known.ask_at && !may_wait) {
    auto asked = co_await ask(std::move(spec));
    if (!asked) log::warn("metadata.profile_unknown", {{"instance", id}, {"error", asked.error()}});
  }
  const auto found = known_.find(id);
  if (found == known_.end() || !found->second.answered)
    co_return common::Error(common::Errc::unavailable, "nobody knows the instance's profile");
  co_return show(found->second);
}

Task<> GuestProfiles::ask(InstanceSpec spec) {
  const auto id = spec.id;
  std::string known_role;
  auto& before = known_[id];
  before.asking = true;
  if (before.profile && before.profile->credentials) {
    const auto& credentials = *before.profile->credentials;
    if (credentials.expires_at - runtime_.now() > kRenewBefore) known_role = credentials.role_id;
  }
  auto told = co_await source_->profile_of(id, spec.placement_no, std::move(known_role));
  const auto now = runtime_.steady_now();
  auto& known = known_[id];
  known.asking = false;
  known.used_at = now;
  known.ask_at = now + (told ? kAskAgain : kTryAgain);
  if (!told) co_return std::move(told).error();
  keep(known, std::move(told).value());
  co_return common::ok();
}

// Credentials that were not sent anew are those that were there, of the same role.
void GuestProfiles::keep(Known& known, std::optional<GuestProfile> told) {
  if (told && !told->credentials && known.profile && known.profile->credentials &&
      known.profile->credentials->role_id == told->role_id)
    told->credentials = std::move(known.profile->credentials);
  known.answered = true;
  known.told_at = runtime_.now();
  known.profile = std::move(told);
}

// Secrets stay no longer than somebody reads them.
void GuestProfiles::forget_old(common::SteadyTime now) {
  std::erase_if(known_, [now](const auto& entry) {
    return !entry.second.asking && now - entry.second.used_at > kUnusedMax;
  });
}

GuestProfiles::Leaves GuestProfiles::show(const Known& known) const {
  Leaves leaves;
  if (!known.profile) return leaves;
  const auto& profile = *known.profile;
  leaves[kIam + "info"] = document({{"Code", profile.refusal.empty() ? "Success" : profile.refusal},
                                    {"LastUpdated", time_text(known.told_at)},
                                    {"InstanceProfileArn", profile.arn},
                                    {"InstanceProfileId", profile.id}});
  if (!profile.credentials || profile.credentials->expires_at <= runtime_.now()) return leaves;
  const auto& credentials = *profile.credentials;
  leaves[kIam + "security-credentials/" + profile.role_name] =
      document({{"Code", "Success"},
                {"LastUpdated", time_text(credentials.issued_at)},
                {"Type", "AWS-HMAC"},
                {"AccessKeyId", credentials.access_key},
                {"SecretAccessKey", credentials.secret},
                {"Token", credentials.token},
                {"Expiration", time_text(credentials.expires_at)}});
  return leaves;
}

}  // namespace angophora::nc
