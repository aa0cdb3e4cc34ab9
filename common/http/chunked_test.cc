#include "common/http/chunked.h"

#include <gtest/gtest.h>

namespace angophora::http {
namespace {

struct Decoded {
  bool good = false;
  bool done = false;
  std::string data;
  std::string rest;
};

// Decodes `encoded` in pieces of `step` bytes into a destination of `room` bytes.
Decoded decode(std::string encoded, std::size_t step = 1000, std::size_t room = 1000) {
  ChunkDecoder decoder;
  Decoded out;
  std::string into(room, '\0');
  while (!encoded.empty() && !decoder.done()) {
    const auto result = decoder.decode(std::string_view(encoded).substr(0, step), into);
    if (!result) return out;
    out.data.append(into, 0, result.value().produced);
    encoded.erase(0, result.value().consumed);
  }
  out.good = true;
  out.done = decoder.done();
  out.rest = encoded;
  return out;
}

constexpr auto kTwoChunks = "5\r\nhello\r\n6;name=\"v\"\r\n world\r\n0\r\nX: trailer\r\n\r\nNEXT";

TEST(ChunkDecoder, PutsChunksTogetherAndStopsAtTheEnd) {
  const auto out = decode(kTwoChunks);
  EXPECT_TRUE(out.done);
  EXPECT_EQ(out.data, "hello world");
  EXPECT_EQ(out.rest, "NEXT");
}

TEST(ChunkDecoder, DoesNotMindHowTheBytesArrive) {
  for (std::size_t step = 1; step < 8; ++step) {
    for (std::size_t room = 1; room < 8; ++room) {
      const auto out = decode(kTwoChunks, step, room);
      EXPECT_TRUE(out.done) << step << " " << room;
      EXPECT_EQ(out.data, "hello world");
    }
  }
}

TEST(ChunkDecoder, KnowsThatMoreMustCome) {
  for (const char* text : {"", "5", "5\r\n", "5\r\nhel", "5\r\nhello\r\n", "0\r\n"}) {
    const auto out = decode(text);
    EXPECT_TRUE(out.good) << text;
    EXPECT_FALSE(out.done) << text;
  }
}

TEST(ChunkDecoder, RefusesBadSizes) {
  for (const char* text :
       {"\r\n", "x\r\n", "0x5\r\n", "-1\r\n", "+5\r\n", " 5\r\n", "5 5\r\n", "5\n", "5\r5\r\n",
        "10000000000000000\r\n", "00000000000000005\r\n", "5,5\r\n", "5\rhello"})
    EXPECT_FALSE(decode(text).good) << text;
}

TEST(ChunkDecoder, RefusesAChunkLongerThanItsSize) {
  EXPECT_FALSE(decode("5\r\nhello!\r\n").good);
  EXPECT_FALSE(decode("5\r\nhello\n").good);
}

TEST(ChunkDecoder, RefusesEndlessLinesAndTrailers) {
  EXPECT_FALSE(decode("5;" + std::string(10000, 'x')).good);
  std::string trailers = "0\r\n";
  for (int i = 0; i < 10000; ++i) trailers += "X: y\r\n";
  EXPECT_FALSE(decode(trailers, 100000).good);
}

TEST(ChunkDecoder, RefusesControlCharactersInLines) {
  EXPECT_FALSE(decode(std::string("5;\0\r\n", 5)).good);
  EXPECT_FALSE(decode("0\r\nX: a\x7f\r\n").good);
}

TEST(ChunkHeader, IsHexadecimal) {
  EXPECT_EQ(chunk_header(26), "1a\r\n");
  EXPECT_EQ(chunk_header(0xffffffffff), "ffffffffff\r\n");
}

}  // namespace
}  // namespace angophora::http
