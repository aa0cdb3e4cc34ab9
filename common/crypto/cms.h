// CMS (PKCS#7) signatures, for the instance identity document. Any thread; signing is slow.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/crypto/x509.h"

namespace angophora::crypto {

enum class CmsContent { attached, detached };

// The DER form of a signature over `data`, SHA-256 digest; `attached` holds the data as well. The
// signer's certificate is named but not included when `include_certificate` is false.
Result<std::string> cms_sign(std::string_view data, const PrivateKey& key,
                             const Certificate& certificate, CmsContent content,
                             bool include_certificate = true);
// The signed data, when `cms` (DER) holds a signature by exactly `signer`. `data` is needed for a
// detached one and must be empty for an attached one. Errc::corrupt otherwise.
Result<std::string> cms_verify(std::string_view cms, const Certificate& signer,
                               std::string_view data = {});

}  // namespace angophora::crypto
