using System.Text.Json.Serialization;
using Broker.Primitives.Log;

namespace Broker.Primitives.Tokens;

/// <summary>How records and states of tokens are written in the log.</summary>
[JsonSerializable(typeof(SeedTokens))]
[JsonSerializable(typeof(TokensSeeded))]
[JsonSerializable(typeof(TakeOverTokens))]
[JsonSerializable(typeof(TokenHeld))]
[JsonSerializable(typeof(TokenReleased))]
[JsonSerializable(typeof(TokenState))]
internal sealed partial class TokenJson : JsonSerializerContext
{
    public static OperationCodec AddTo(OperationCodec codec) => codec
        .Add("token.seed", Default.SeedTokens)
        .Add("token.seeded", Default.TokensSeeded)
        .Add("token.takeover", Default.TakeOverTokens)
        .Add("token.held", Default.TokenHeld)
        .Add("token.released", Default.TokenReleased)
        .Add("token.state", Default.TokenState);
}
