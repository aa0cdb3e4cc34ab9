#include "clc/http/authentication.h"

#include "clc/domain/errors.h"
#include "clc/store/identities.h"
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

Task<Caller> authenticate(Services& s, sigv::SignedRequest request, Caller caller) {
  CO_TRY(const auto claim, sigv::parse(request, sigv::Rules::query_api));
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
  if (!claim.session_token.empty())
    co_return Error(IdentityErrc::key_unknown, "The session token is not one of this cloud");
  CO_TRY_VOID(sigv::verify(claim, credential->key.secret, s.runtime.now()));
  set_user(caller, credential->account, credential->user);
  caller.access_key_id = credential->key.id;
  co_return caller;
}

}  // namespace angophora::clc
