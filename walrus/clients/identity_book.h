// Whose access key a request was signed with: the current identities, their secrets opened as they
// are needed, and how old they may become.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "common/runtime/runtime.h"
#include "walrus/clients/policy_shelf.h"
#include "walrus/domain/identities.h"

namespace angophora::walrus {

using common::Result;
using common::Task;

// Opens a secret that was sealed to this daemon. Called on the pool.
using Unseal = std::function<Result<std::string>(const std::string& sealed)>;

// Whose a request is, once its signature was checked with the secret.
struct Credential {
  Account account;
  policy::Principal principal;
  std::string secret;
  std::shared_ptr<const policy::Policies> policies;
};

// I/O thread only.
class IdentityBook {
 public:
  // Identities that were last known to be current longer than `age_max` ago are not used.
  IdentityBook(common::Runtime& runtime, Unseal unseal, std::chrono::seconds age_max);

  void replace(IdentityList list, common::SysTime checked);
  // As received; `checked` counts once no more are to come.
  void apply(IdentityChanges changes, common::SysTime checked);
  // As kept since the last run. When they are a part only, more must come before they are used.
  void restore(IdentityList list, common::SysTime checked, bool is_complete);
  // The cloud controller says that the list is current.
  void set_checked(common::SysTime checked) { checked_ = checked; }
  common::SysTime checked() const { return checked_; }
  std::int64_t version() const { return identities_->version(); }
  bool is_complete() const { return is_complete_; }
  bool usable() const;

  // S3Errc::invalid_access_key_id for a key that is not there; S3Errc::service_unavailable while
  // there are no identities, or too old ones, or a part only of those that say what its user may.
  // With a token of temporary credentials also S3Errc::invalid_token and expired_token; such a
  // session is over as soon as its role or user is gone.
  Task<Credential> credential(std::string access_key, std::string session_token);
  std::shared_ptr<const Identities> identities() const { return identities_; }

 private:
  Task<Credential> of_key(std::string access_key);
  Task<Credential> of_session(std::string access_key, std::string session_token);
  Result<Credential> of_opened(const sessions::Session& session);
  // A secret that was sealed to this daemon; kept as long as it is sealed so.
  Task<std::string> opened(std::string name, std::string sealed);
  struct Opened {
    std::string sealed, secret;
  };
  void forget_changed();
  common::Runtime& runtime_;
  Unseal unseal_;
  std::chrono::seconds age_max_;
  common::SysTime checked_{};
  bool is_complete_ = false;
  std::shared_ptr<Identities> identities_;
  std::map<std::string, Opened> opened_;  // by access key, or "token key " and its id
  PolicyShelf policies_;
};

}  // namespace angophora::walrus
