namespace Broker.Tests.Unit;

/// <summary>A clock that stands still, in a zone two hours east of Greenwich.</summary>
internal sealed class FixedClock(DateTimeOffset now) : TimeProvider
{
    public override TimeZoneInfo LocalTimeZone { get; } = TimeZoneInfo.CreateCustomTimeZone("test", TimeSpan.FromHours(2), "test", "test");

    public override DateTimeOffset GetUtcNow() => now.ToUniversalTime();
}
