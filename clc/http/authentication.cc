#include "clc/http/authentication.h"

#include "clc/domain/errors.h"
#include "clc/domain/roles.h"
#include "clc/domain/secrets.h"
#include "clc/store/accounts.h"
#include "clc/store/identities.h"
#include "clc/store/roles.h"
#include "clc/store/users.h"
#include "common/crypto/digest.h"

namespace angophora::clc {

sigv::SignedRequest signed_request(const http::Request& request, const std::string& body,
                                   bool is_form) {
  sigv::SignedRequest out;
  out.method = request.method;
  out.target = request.target;
  for (const auto& [name, value] : request.headers) out.headers.emplace_back(name, value);
  out.body_sha256 = crypto::sha256_hex(body);
  if (is_form) out.form = body;
  return out;
}

namespace {

Error token_is_nobodys() {
  return {IdentityErrc::token_invalid, "The session token is not one of this cloud"};
}

Error error_of(const Error& error) {
  if (error.code == make_error_code(sessions::SessionErrc::expired))
    return {IdentityErrc::token_expired, error.message};
  return token_is_nobodys();
}

// A session ends with the role or user behind it.
Result<Caller> caller_of(Tx& tx, const sessions::Session& session, Caller caller) {
  TRY(const auto account, Accounts(tx).find(AccountId(session.account)));
  if (!account) return token_is_nobodys();
  if (session.kind == sessions::Session::Kind::role) {
    TRY(const auto role, Roles(tx).find(RoleId(session.issuer)));
    if (!role || role->account != account->id) return token_is_nobodys();
    set_session(caller, *account, session, arn_of(*role));
    return caller;
  }
  TRY(const auto user, Users(tx).find(UserId(session.issuer)));
  if (!user || user->account != account->id || !user->is_enabled) return token_is_nobodys();
  set_session(caller, *account, session, *user);
  return caller;
}

Task<Caller> authenticate_session(Services& s, sigv::Claim claim, Caller caller) {
  const auto now = s.runtime.now();
  const std::vector<sessions::TokenKey> keys = {sessions::token_key_of(s.keys.secret)};
  auto opened = sessions::open(claim.session_token, claim.access_key, keys, now);
  if (!opened) co_return error_of(opened.error());
  const auto session = std::move(opened).assume_value();
  CO_TRY_VOID(sigv::verify(claim, session.secret, now));
  const auto find = [&session, &caller](Tx& tx) { return caller_of(tx, session, caller); };
  CO_TRY(caller, co_await s.db.read(find));
  caller.access_key_id = claim.access_key;
  co_return caller;
}

}  // namespace

Task<Caller> authenticate(Services& s, sigv::SignedRequest request, Caller caller) {
  CO_TRY(const auto claim, sigv::parse(request, sigv::Rules::query_api));
  if (!claim.session_token.empty())
    co_return co_await authenticate_session(s, claim, std::move(caller));
  const auto find = [key = claim.access_key](Tx& tx) {
    return Identities(tx).find_credential(key);
  };
  CO_TRY(const auto credential, co_await s.db.read(find));
  if (!credential)
    co_return Error(IdentityErrc::key_unknown,
                    "The access key " + claim.access_key + " is not known");
  if (!credential->key.active || !credential->user.is_enabled)
    co_return Error(IdentityErrc::key_inactive,
                    "The access key " + claim.access_key + " is switched off");
  const auto secret = open_secret(*s.keys.masters, credential->key);
  if (!secret)
    co_return Error(IdentityErrc::key_inactive,
                    "The secret of the access key " + claim.access_key +
                        " cannot be opened any more; ask for another access key");
  CO_TRY_VOID(sigv::verify(claim, secret.value(), s.runtime.now()));
  set_user(caller, credential->account, credential->user);
  caller.access_key_id = credential->key.id;
  co_return caller;
}

}  // namespace angophora::clc
