namespace Broker.Hosting.Control;

/// <summary>Changes the level at which this process logs; only a program that owns its log has one.</summary>
/// <param name="level">debug, info, warning or error.</param>
/// <param name="duration">How long; null is for good.</param>
/// <returns>The level's one name, and when it ends.</returns>
/// <exception cref="Contracts.InvalidConfigurationException">There is no such level.</exception>
internal delegate (string Level, DateTimeOffset? Until) ChangeLogLevel(string level, TimeSpan? duration);
