#include "clc/store/sealing.h"

#include "clc/domain/secrets.h"
#include "clc/store/access_keys.h"
#include "clc/store/registrations.h"
#include "common/crypto/aes.h"

namespace angophora::clc {
namespace {

constexpr std::size_t kRowsAtOnce = 500;

// Of components that have not enrolled yet: a few at most.
Result<> reseal_tokens(Tx& tx, common::Runtime& runtime, const crypto::KeyRing& masters,
                       Resealed& done) {
  Registrations registrations(tx);
  TRY(const auto tokens, registrations.tokens());
  for (const auto& token : tokens) {
    if (masters.is_current(token.secret)) continue;
    if (!crypto::KeyRing::is_sealed(token.secret)) ++done.were_plain;
    TRY(const auto secret, open_token(masters, token.id, token.secret));
    const auto nonce = runtime.random_bytes(crypto::kGcmNonceBytes);
    TRY(const auto kept, sealed_token(masters, token.id, secret, nonce));
    TRY_VOID(registrations.set_token_secret(token.id, kept));
    ++done.rows;
  }
  return common::ok();
}

Result<Resealed> reseal_some(Tx& tx, common::Runtime& runtime, const crypto::KeyRing& masters) {
  AccessKeys keys(tx);
  TRY(const auto rows, keys.not_sealed_with(masters.keys().front().id, kRowsAtOnce));
  Resealed done;
  for (auto key : rows) {
    if (!crypto::KeyRing::is_sealed(key.secret)) ++done.were_plain;
    TRY(key.secret, open_secret(masters, key));
    TRY(const auto kept, sealed(masters, key, runtime.random_bytes(crypto::kGcmNonceBytes)));
    TRY_VOID(keys.set_secret(kept.id, kept.secret));
    ++done.rows;
  }
  TRY_VOID(reseal_tokens(tx, runtime, masters, done));
  return done;
}

}  // namespace

common::Task<Resealed> reseal_secrets(common::Runtime& runtime, db::Database& database,
                                      std::shared_ptr<crypto::KeyRing> masters) {
  Resealed all;
  for (;;) {
    auto some = [&runtime, masters](Tx& tx) { return reseal_some(tx, runtime, *masters); };
    CO_TRY(const auto done, co_await database.write(std::move(some)));
    if (done.rows == 0) co_return all;
    all.rows += done.rows;
    all.were_plain += done.were_plain;
  }
}

}  // namespace angophora::clc
