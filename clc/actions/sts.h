// What the actions share that hand out temporary credentials.
#pragma once

#include "clc/actions/action.h"
#include "clc/domain/identity.h"
#include "clc/domain/roles.h"
#include "clc/store/users.h"
#include "common/sessions/session.h"

namespace angophora::clc::actions {

// Policies that a session may have at most, beside those of its role or user.
struct PolicyArn {
  std::string arn;
  static constexpr auto params() {
    return std::to_array<Param<PolicyArn>>({required<&PolicyArn::arn>("arn")});
  }
};
struct SessionTag {
  std::string key;
  std::string value;
  static constexpr auto params() {
    return std::to_array<Param<SessionTag>>(
        {required<&SessionTag::key>("Key"), optional<&SessionTag::value>("Value")});
  }
};

struct SessionLimits {
  std::string policy;
  std::vector<PolicyArn> policy_arns;
};

inline constexpr std::size_t kSessionPolicyArnsMax = 10;
inline constexpr std::size_t kSessionTagsMax = 50;

// 2 to 64 of letters, digits and _+=,.@-, of a session's name; `most` for others.
Result<> check_session_name(const char* parameter, const std::string& name, std::size_t most = 64);
Result<> check_duration(std::int64_t seconds, std::int64_t most);
Result<> check_tags(const std::vector<SessionTag>& tags);
// Documents are checked, ARNs found in the account and kept by their ids.
Result<> add_limits(Tx& tx, const AccountId& account, const SessionLimits& limits,
                    sessions::Session& session);

// A session with a key of its own, from now on.
sessions::Session new_session(Services& s, sessions::Session::Kind kind, std::int64_t seconds);
// The element Credentials.
Result<> add_credentials(Reply& reply, Services& s, const sessions::Session& session);
// Of what can be packed, as AWS counts it: in percent.
int packed_size(const sessions::Session& session);

}  // namespace angophora::clc::actions
