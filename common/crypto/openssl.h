// OpenSSL's handles under one owner each, and its error queue as words. For this folder's .cc
// files.
#pragma once

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>

#include "common/base/give_back.h"
#include "common/base/result.h"

namespace angophora::crypto {

using common::Errc;
using common::Error;
using common::GiveBack;

using BioHandle = std::unique_ptr<BIO, GiveBack<BIO_free_all>>;
using KeyHandle = std::unique_ptr<EVP_PKEY, GiveBack<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, GiveBack<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, GiveBack<EVP_MD_CTX_free>>;

inline const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
inline unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

// What OpenSSL's queue says last about a failed `step`; empties the queue.
inline Error openssl_error(Errc code, std::string step) {
  const unsigned long number = ERR_peek_last_error();
  ERR_clear_error();
  if (number == 0) return Error(code, std::move(step));
  const char* reason = ERR_reason_error_string(number);
  return Error(code, std::move(step) + ": " + (reason ? reason : "unknown error"));
}

inline BioHandle reader_of(std::string_view text) {
  return BioHandle(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}
inline BioHandle memory_bio() { return BioHandle(BIO_new(BIO_s_mem())); }
inline std::string text_of(const BioHandle& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

// What an i2d_ function makes of `object`.
template <class Function, class Object>
std::string der_of(Function i2d, Object* object) {
  unsigned char* buffer = nullptr;
  const int size = i2d(object, &buffer);
  if (size < 0) return {};
  std::string der(reinterpret_cast<char*>(buffer), static_cast<std::size_t>(size));
  OPENSSL_free(buffer);
  return der;
}

// Never asks on a terminal: a key with a password is a key that cannot be read.
inline int no_password(char*, int, int, void*) { return -1; }

}  // namespace angophora::crypto
