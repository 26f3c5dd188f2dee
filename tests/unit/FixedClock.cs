namespace Broker.Tests.Unit;

/// <summary>A clock with a constant time, in the time zone UTC+2.</summary>
internal sealed class FixedClock(DateTimeOffset now) : TimeProvider
{
    public override TimeZoneInfo LocalTimeZone { get; } = TimeZoneInfo.CreateCustomTimeZone("test", TimeSpan.FromHours(2), "test", "test");

    public override DateTimeOffset GetUtcNow() => now.ToUniversalTime();
}
