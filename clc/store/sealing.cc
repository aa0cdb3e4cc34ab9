#include "clc/store/sealing.h"

#include <algorithm>

#include "clc/domain/secrets.h"
#include "clc/store/access_keys.h"
#include "clc/store/identities.h"
#include "clc/store/registrations.h"
#include "common/crypto/aes.h"

namespace angophora::clc {
namespace {

constexpr std::size_t kRowsAtOnce = 500;

struct Part {
  Resealed done;
  std::string last;  // access key looked at; empty when there was none
};

Result<Part> reseal_keys(Tx& tx, common::Runtime& runtime, const crypto::KeyRing& masters,
                         std::string_view after) {
  AccessKeys keys(tx);
  TRY(const auto rows, keys.not_sealed_with(masters.keys().front().id, after, kRowsAtOnce));
  Part part;
  for (auto key : rows) {
    part.last = key.id;
    auto secret = open_secret(masters, key);
    if (!secret) {
      part.done.unreadable.push_back("access key " + key.id);
      continue;
    }
    if (!crypto::KeyRing::is_sealed(key.secret)) ++part.done.were_plain;
    key.secret = std::move(secret).value();
    TRY(const auto kept, sealed(masters, key, runtime.random_bytes(crypto::kGcmNonceBytes)));
    TRY_VOID(keys.set_secret(kept.id, kept.secret));
    ++part.done.rows;
  }
  return part;
}

// Of components that have not enrolled yet: a few at most.
Result<Resealed> reseal_tokens(Tx& tx, common::Runtime& runtime, const crypto::KeyRing& masters) {
  Registrations registrations(tx);
  TRY(const auto tokens, registrations.tokens());
  Resealed done;
  for (const auto& token : tokens) {
    if (masters.is_current(token.secret)) continue;
    const auto secret = open_token(masters, token.id, token.secret);
    if (!secret) {
      done.unreadable.push_back("enrolment token " + token.id);
      continue;
    }
    if (!crypto::KeyRing::is_sealed(token.secret)) ++done.were_plain;
    const auto nonce = runtime.random_bytes(crypto::kGcmNonceBytes);
    TRY(const auto kept, sealed_token(masters, token.id, secret.value(), nonce));
    TRY_VOID(registrations.set_token_secret(token.id, kept));
    ++done.rows;
  }
  return done;
}

void add(Resealed& all, Resealed some) {
  all.rows += some.rows;
  all.were_plain += some.were_plain;
  std::ranges::move(some.unreadable, std::back_inserter(all.unreadable));
}

}  // namespace

Result<bool> opens_any(Tx& tx, const crypto::KeyRing& masters) {
  TRY(const auto keys, Identities(tx).access_keys());
  return std::ranges::any_of(keys, [&](const auto& key) { return !!open_secret(masters, key); });
}

common::Task<Resealed> reseal_secrets(common::Runtime& runtime, db::Database& database,
                                      std::shared_ptr<crypto::KeyRing> masters) {
  const auto tokens = [&runtime, masters](Tx& tx) { return reseal_tokens(tx, runtime, *masters); };
  CO_TRY(auto all, co_await database.write(tokens));
  std::string last;
  for (;;) {
    auto some = [&runtime, masters, last](Tx& tx) {
      return reseal_keys(tx, runtime, *masters, last);
    };
    CO_TRY(auto part, co_await database.write(std::move(some)));
    if (part.last.empty()) co_return all;
    last = std::move(part.last);
    add(all, std::move(part.done));
  }
}

}  // namespace angophora::clc
