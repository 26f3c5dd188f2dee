using Broker.Consumer.Logs;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Logging;
using Broker.Logging.Settings;
using Broker.Tests.Support;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;

namespace Broker.Tests.Unit.Control;

public sealed class When_a_log_level_is_changed : IDisposable
{
    private readonly ManualClock _clock = new();
    private readonly LogLevels _levels = new(console: LogEventLevel.Information, kept: LogEventLevel.Warning);
    private readonly List<string> _told = [];
    private readonly Logger _logger;
    private readonly SerilogLoggerFactory _factory;
    private readonly TemporaryLogLevel _level;

    public When_a_log_level_is_changed()
    {
        _logger = new LoggerConfiguration().MinimumLevel.ControlledBy(_levels.Least).WriteTo.Sink(new Told(_told)).CreateLogger();
        _factory = new SerilogLoggerFactory(_logger);
        _level = new TemporaryLogLevel(_levels, _clock, _factory.CreateLogger("Test"));
    }

    public void Dispose()
    {
        _level.Dispose();
        _factory.Dispose();
        _logger.Dispose();
    }

    [Fact]
    public void The_level_of_each_sink_is_restored_automatically()
    {
        Assert.Equal(_clock.GetUtcNow().AddMinutes(10), _level.Change("debug", TimeSpan.FromMinutes(10)));
        Assert.Equal((LogEventLevel.Debug, LogEventLevel.Debug, LogEventLevel.Debug), Now);
        Assert.Equal(LogEventLevel.Debug, _levels.Transport.MinimumLevel);
        Pass(9.99);
        Assert.Equal("debug", _levels.Current);
        Pass(0.01);
        Assert.Equal((LogEventLevel.Information, LogEventLevel.Warning, LogEventLevel.Information), Now);
        Assert.Equal(LevelAlias.Maximum, _levels.Transport.MinimumLevel);
        Assert.Equal(0, _clock.Timers);
    }

    [Fact]
    public void A_later_level_change_replaces_an_earlier_one_and_its_end()
    {
        _level.Change("debug", TimeSpan.FromMinutes(1));
        _level.Change("error", TimeSpan.FromMinutes(5));
        Pass(2);
        Assert.Equal("error", _levels.Current);
        Pass(3);
        Assert.Equal("info", _levels.Current);
    }

    [Fact]
    public void A_level_change_without_an_end_stays()
    {
        _level.Change("debug", TimeSpan.FromMinutes(1));
        Assert.Null(_level.Change("warning", null));
        Pass(100_000);
        Assert.Equal("warning", _levels.Current);
    }

    [Fact]
    public void A_duration_beyond_the_timer_limit_is_shortened() =>
        Assert.Equal(_clock.GetUtcNow().AddDays(30), _level.Change("debug", TimeSpan.FromDays(9999)));

    [Theory]
    [InlineData("debug", "Information info to debug", "Information debug to info")]
    [InlineData("error", "Information info to error", "Information error to info")]
    public void A_level_change_is_logged_at_a_level_that_is_visible(string level, params string[] told)
    {
        _level.Change(level, TimeSpan.FromMinutes(1));
        Pass(1);
        Assert.Equal(told, _told);
    }

    [Fact]
    public void An_unknown_level_changes_nothing()
    {
        _level.Change("debug", TimeSpan.FromMinutes(1));
        Assert.Throws<InvalidConfigurationException>(() => _level.Change("loud", null));
        Assert.Equal("debug", _levels.Current);
        Pass(1);
        Assert.Equal("info", _levels.Current);
    }

    [Theory]
    [InlineData(null, null, null, true)]
    [InlineData(7, "MACHINE", "double", true)]
    [InlineData(8, null, null, false)]
    [InlineData(7, "other", null, false)]
    [InlineData(7, "machine", "sleep", false)]
    public void A_level_change_applies_to_processes_that_match_all_conditions(int? pid, string? host, string? kind, bool applies)
    {
        var change = new SetLogLevel { RequestId = Guid.NewGuid(), ReplyTo = "", Level = "debug", ProcessId = pid, Host = host, Kind = kind };
        Assert.Equal(applies, change.AppliesTo(new ProcessIdentity("machine", 7, "consumer-1"), ["double", "word-count"]));
    }

    private (LogEventLevel Console, LogEventLevel Kept, LogEventLevel Least) Now => (_levels.Console.MinimumLevel, _levels.Kept.MinimumLevel, _levels.Least.MinimumLevel);

    private void Pass(double minutes) => _clock.Advance(TimeSpan.FromMinutes(minutes));

    private sealed class Told(List<string> told) : ILogEventSink
    {
        public void Emit(LogEvent logEvent) =>
            told.Add($"{logEvent.Level} {logEvent.Properties["Before"].ToString().Trim('"')} to {logEvent.Properties["Level"].ToString().Trim('"')}");
    }
}
