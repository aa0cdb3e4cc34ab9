#include "walrus/objects/aws_chunked.h"

#include <gmock/gmock.h>

#include "common/sigv/sign.h"
#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {
namespace {

using testing::ElementsAre;
using testing::Pair;

struct Decoded {
  Result<> result = common::ok();
  std::string data;
  AwsChunkedDecoder::Trailer trailer;
};

Decoded decode(std::string_view body, bool trailer, std::size_t piece_bytes,
               std::unique_ptr<sigv::ChunkChain> chain = nullptr) {
  AwsChunkedDecoder decoder(std::move(chain), trailer);
  Decoded decoded;
  const AwsChunkedDecoder::Sink sink = [&](std::string_view data) -> Result<> {
    decoded.data += data;
    return common::ok();
  };
  for (; !body.empty(); body.remove_prefix(std::min(body.size(), piece_bytes))) {
    decoded.result = decoder.feed(body.substr(0, piece_bytes), sink);
    if (!decoded.result) return decoded;
  }
  decoded.result = decoder.finish();
  decoded.trailer = decoder.trailer();
  return decoded;
}

TEST(AwsChunked, TakesUnsignedChunksApartHoweverTheyAreCut) {
  const std::string body =
      "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nx-amz-checksum-crc32: abc=\r\n\r\n";
  for (std::size_t piece = 1; piece <= body.size(); ++piece) {
    const auto decoded = decode(body, true, piece);
    ASSERT_TRUE(decoded.result) << decoded.result.error().message;
    EXPECT_EQ(decoded.data, "hello world");
    EXPECT_THAT(decoded.trailer, ElementsAre(Pair("x-amz-checksum-crc32", "abc=")));
  }
}

TEST(AwsChunked, ABodyWithoutItsEndIsIncomplete) {
  for (const auto* body : {"", "5", "5\r\nhel", "5\r\nhello", "5\r\nhello\r\n"})
    EXPECT_EQ(decode(body, false, 100).result.error().code, S3Errc::incomplete_body) << body;
}

TEST(AwsChunked, RefusesWhatDoesNotRead) {
  for (const auto* body : {"x\r\n", "\r\n", "-1\r\n", "5\r\nhello!\r\n", "0\r\n\r\nmore",
                           "11111111111111111\r\n", "0\r\nno colon\r\n\r\n", "0\r\na:b\r\n\r\n"})
    EXPECT_EQ(decode(body, false, 100).result.error().code, S3Errc::invalid_request) << body;
  EXPECT_EQ(decode(std::string(5000, '1'), false, 100).result.error().code,
            S3Errc::invalid_request);
}

class SignedChunks : public testing::Test {
 protected:
  SignedChunks() {
    request_.method = "PUT";
    request_.target = "/bucket/key";
    request_.headers = {{"Host", "h"},
                        {"x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"}};
    sigv::sign_v4(request_, {"AK", secret_, ""}, {"r", "s3", sigv::Rules::s3}, now_);
  }
  std::unique_ptr<sigv::ChunkChain> chain() {
    return std::make_unique<sigv::ChunkChain>(sigv::parse(request_, sigv::Rules::s3).value(),
                                              secret_);
  }
  std::string body() {
    const auto signer = chain();
    const auto chunk = [&](const std::string& data) {
      const auto signature = signer->sign_chunk(crypto::sha256_hex(data));
      const auto size = std::to_string(data.size());  // below ten
      return size + ";chunk-signature=" + signature + "\r\n" + data + (data.empty() ? "" : "\r\n");
    };
    std::string text = chunk("hello");
    text += chunk(" you");
    text += chunk("");
    text += "x-amz-checksum-crc32c:abc=\r\nx-amz-trailer-signature:";
    return text + signer->sign_trailer("x-amz-checksum-crc32c:abc=\n") + "\r\n\r\n";
  }

  std::string secret_ = "secret";
  common::SysTime now_{std::chrono::seconds(1790000000)};
  sigv::SignedRequest request_;
};

TEST_F(SignedChunks, AreTakenWhenEverySignatureFits) {
  for (const std::size_t piece : {1, 7, 1000}) {
    const auto decoded = decode(body(), true, piece, chain());
    ASSERT_TRUE(decoded.result) << decoded.result.error().message;
    EXPECT_EQ(decoded.data, "hello you");
  }
}

TEST_F(SignedChunks, AreRefusedWhenAByteWasChanged) {
  for (const auto* changed : {"hello", " you", "abc="}) {
    auto text = body();
    text[text.find(changed) + 1] ^= 1;
    EXPECT_EQ(decode(text, true, 1000, chain()).result.error().code,
              S3Errc::signature_does_not_match)
        << changed;
  }
}

TEST_F(SignedChunks, AreRefusedWhenTheTrailersSignatureIsMissing) {
  auto text = body();
  text.erase(text.find("x-amz-trailer-signature"));
  EXPECT_FALSE(decode(text, true, 1000, chain()).result);
}

}  // namespace
}  // namespace angophora::walrus
