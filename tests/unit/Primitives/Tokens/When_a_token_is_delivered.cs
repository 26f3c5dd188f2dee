using System.Text;
using Broker.Primitives.Tokens;
using RabbitMQ.Client;

namespace Broker.Tests.Unit.Primitives.Tokens;

public sealed class When_a_token_is_delivered
{
    private static readonly TokenView Known = new(10, Seeded: true, Permits: 3, DateTimeOffset.UnixEpoch);

    public static TheoryData<string?, object?, string?, object?, long> Counts => new()
    {
        { null, null, null, null, 0 },
        { "x-delivery-count", 0L, null, null, 0 },
        { "x-delivery-count", 7L, null, null, 7 },
        { "x-delivery-count", 7, null, null, 7 },
        { "x-delivery-count", 1L, "x-acquired-count", 9L, 9 },
        { "x-acquired-count", (byte)4, null, null, 4 },
    };

    [Theory]
    [MemberData(nameof(Counts))]
    public void Its_fence_has_the_queues_own_count(string? header, object? count, string? second, object? secondCount, long expected)
    {
        var properties = new BasicProperties { Headers = new Dictionary<string, object?>() };
        if (header is not null)
            properties.Headers[header] = count;
        if (second is not null)
            properties.Headers[second] = secondCount;
        var token = Token.Of(Token.Body(12, 34), properties, 56);
        Assert.Equal(new Token(12, 34, expected, 56), token);
        Assert.Equal((12L << 32) + expected, token.Fence);
    }

    [Fact]
    public void Its_fence_grows_past_32_bits_of_uses() => Assert.True(new Token(5, 0, uint.MaxValue, 1).Fence < new Token(5, 0, uint.MaxValue + 1L, 1).Fence);

    [Theory]
    [InlineData("")]
    [InlineData("12")]
    [InlineData("12 ")]
    [InlineData(" 12")]
    [InlineData("12 0x")]
    [InlineData("1x 0")]
    [InlineData("99999999999 0")]
    [InlineData("12 99999999999")]
    public void What_is_none_is_destroyed(string body)
    {
        var token = Token.Of(Encoding.ASCII.GetBytes(body), new BasicProperties(), 3);
        Assert.Equal(new Token(0, 0, 0, 3), token);
        Assert.Equal(TokenUse.Destroy, Known.Judge(token));
    }

    [Theory]
    [InlineData(10, 0, nameof(TokenUse.Take))]
    [InlineData(10, 2, nameof(TokenUse.Take))]
    [InlineData(10, 3, nameof(TokenUse.Destroy))]
    [InlineData(9, 0, nameof(TokenUse.Destroy))]
    [InlineData(11, 0, nameof(TokenUse.Ahead))]
    [InlineData(11, 7, nameof(TokenUse.Ahead))]
    public void It_is_taken_if_its_epoch_is_the_current_one(long epoch, int permit, string use) => Assert.Equal(use, Known.Judge(new Token(epoch, permit, 0, 1)).ToString());
}
