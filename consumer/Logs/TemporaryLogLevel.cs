using Broker.Logging;
using Broker.Logging.Events;
using Broker.Logging.Settings;
using Broker.Telemetry;
using Microsoft.Extensions.Logging;

namespace Broker.Consumer.Logs;

/// <summary>Changes this process's log level for a limited time. A later change replaces an earlier one and its end.</summary>
internal sealed class TemporaryLogLevel(LogLevels levels, TimeProvider clock, ILogger log) : IDisposable
{
    /// <summary>A timer supports at most 49 days.</summary>
    private static readonly TimeSpan MaxDuration = TimeSpan.FromDays(30);

    private readonly Lock _lock = new();
    private ITimer? _end;

    /// <param name="level">debug, info, warning or error.</param>
    /// <param name="duration">How long; null until the process ends.</param>
    /// <returns>When it ends.</returns>
    /// <exception cref="Contracts.InvalidConfigurationException">The level is unknown.</exception>
    public DateTimeOffset? Change(string level, TimeSpan? duration)
    {
        var name = LogLevels.NameOf(level);
        var limit = duration > MaxDuration ? MaxDuration : duration;
        lock (_lock)
        {
            _end?.Dispose();
            _end = null;
            DateTimeOffset? until = limit is { } time ? clock.GetUtcNow() + time : null;
            Apply(name, () => levels.Set(name), until is { } moment ? $"until {moment.ToLocalTime():yyyy-MM-dd HH:mm:ss}" : "until this process ends");
            if (limit is { } wait)
            {
                ITimer? mine = null;
                mine = _end = clock.CreateTimer(_ => End(mine), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                mine.Change(wait, Timeout.InfiniteTimeSpan);
            }

            return until;
        }
    }

    public void Dispose()
    {
        lock (_lock)
            _end?.Dispose();
    }

    private void End(ITimer? timer)
    {
        lock (_lock)
        {
            // Replaced while the timer was firing.
            if (_end != timer)
                return;
            _end?.Dispose();
            _end = null;
            Apply(levels.AtStart, levels.Reset, "as at the start");
        }
    }

    private void Apply(string level, Action change, string how)
    {
        var before = levels.Current;
        // Logged before the change if the new level is higher, since it would be filtered afterwards.
        var seenBefore = log.IsEnabled(LogLevel.Information);
        if (seenBefore)
            Tell(LogLevel.Information);
        change();
        if (!seenBefore)
            Tell(log.IsEnabled(LogLevel.Information) ? LogLevel.Information : LogLevel.Warning);

        void Tell(LogLevel loudness) => log.Log(loudness, LoggingActions.LogLevelChanged, "log level goes from {Before} to {Level} {How}", before, level, how);
    }
}
