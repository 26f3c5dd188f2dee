using System.CommandLine;
using Broker.CommandLine;
using Broker.CommandLine.Settings;

namespace Broker.Producer.Cli.Options;

/// <summary>The broker's address and the console's log level.</summary>
internal sealed class ConnectionOptions
{
    private readonly AddressOptions _address = new();

    private readonly Option<string?> _management = new("--management") { Description = "RabbitMQ's management plugin, http://host:15672, which tells more [default: $BROKER_MANAGEMENT]", HelpName = "URL" };

    private readonly Option<TimeSpan?> _wait = OptionTypes.Duration("--wait", [], "How long to wait for a broker that does not answer yet [default: not at all]");

    private readonly Option<string?> _logLevel = OptionTypes.Level(
        "--log-level", [], "debug, info, warning, error [default: warning]");

    private readonly Option<bool> _noColour = new("--no-color") { Description = "No colours (as NO_COLOR=1)" };

    /// <param name="command">Gets the options.</param>
    /// <param name="broker">Whether the command connects to RabbitMQ.</param>
    /// <param name="wait">Whether it says by an option how long it waits for that.</param>
    /// <param name="management">Whether it asks the management plugin too.</param>
    public void AddTo(Command command, bool broker = true, bool wait = true, bool management = false)
    {
        if (broker)
        {
            _address.AddTo(command);
            if (management)
                command.Options.Add(_management);
            if (wait)
                command.Options.Add(_wait);
        }

        command.Options.Add(_logLevel);
        command.Options.Add(_noColour);
    }

    /// <param name="parsed">The command line.</param>
    /// <param name="wait">How long to wait for the broker, for a command that says it otherwise.</param>
    public Session Open(ParseResult parsed, TimeSpan? wait = null)
    {
        var settings = BrokerSettings.Load(Environment.GetEnvironmentVariables());
        _address.Apply(parsed, settings);
        settings.Management = parsed.GetValue(_management) ?? settings.Management;
        return new Session(settings, wait ?? parsed.GetValue(_wait), parsed.CommandResult.Command.Name, parsed.GetValue(_logLevel), colour: !parsed.GetValue(_noColour) && Environment.GetEnvironmentVariable("NO_COLOR") is null or "");
    }
}
